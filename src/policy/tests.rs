//! The shipped rules: that they are right, and that they are what the catalogue says.

use super::rule::Scope;
use super::*;
use crate::diagnostic::Diagnostics;
use crate::source::Sources;

/// As all of the program runs: the parser of expressions goes deep.
fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(crate::pipeline::STACK).spawn_scoped(scope, work);
        thread.unwrap().join().unwrap()
    })
}

#[test]
fn shipped_rules_compile_and_their_examples_come_out_as_they_say() {
    deep(|| {
        let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
        let catalogue = Catalogue::read_shipped(&sources, &mut diagnostics);
        let examples = try_examples(catalogue.rules(), &mut diagnostics);
        let said: Vec<String> = diagnostics
            .items()
            .iter()
            .map(|item| {
                let place = item.primary.as_ref().map(|label| sources.describe(label.place)).unwrap_or_default();
                format!("{place}: {} {:?}", item.message, item.notes)
            })
            .collect();
        assert!(said.is_empty(), "{}", said.join("\n"));
        for (name, text) in catalogue::shipped_files() {
            assert!(text.starts_with(catalogue::OWN), "{name}");
        }
        assert!(examples > 2 * catalogue.rules().len());
    });
}

/// The catalogue that the rules were made after, where it is at hand.
const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/compliance/catalogue.json");
/// The controls of the frameworks that it names.
const CONTROLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/compliance/framework-ids.json");

#[expect(clippy::disallowed_methods, reason = "a test reads a file beside the repository")]
fn beside(file: &str) -> Option<serde_json::Value> {
    serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
}

/// Names of frameworks in the catalogue, here and in the list of controls.
const FRAMEWORKS: [(&str, &str, &str); 9] = [
    ("pss", "pss", "PSS"),
    ("cis", "cis-k8s", "CIS"),
    ("nsa", "nsa", "NSA"),
    ("soc2", "soc2", "SOC2"),
    ("iso", "iso27001", "ISO"),
    ("hipaa", "hipaa", "HIPAA"),
    ("pci", "pci-dss", "PCI"),
    ("gdpr", "gdpr", "GDPR"),
    ("csf", "nist-csf", "CSF"),
];

/// Framework, version and control, as the catalogue says them.
fn expected(maps: &serde_json::Value) -> Vec<String> {
    let texts = |value: &serde_json::Value| -> Vec<String> {
        match value {
            serde_json::Value::String(text) => text.split(" / ").map(str::to_owned).collect(),
            value => value.as_array().into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect(),
        }
    };
    let mut controls = Vec::new();
    for (key, name, _) in FRAMEWORKS {
        if let Some(versions) = maps[key].as_object() {
            for (version, ids) in versions {
                controls.extend(texts(ids).iter().map(|id| format!("{name}@{version} {id}")));
            }
        } else {
            controls.extend(texts(&maps[key]).iter().map(|id| format!("{name} {id}")));
        }
    }
    controls.sort();
    controls
}

#[test]
fn shipped_rules_that_depend_on_a_component_name_it() {
    for rule in Catalogue::shipped().rules() {
        assert_eq!(rule.component.is_some(), rule.assurance == Assurance::Depends, "{}", rule.id);
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a test says that it compares nothing")]
fn shipped_rules_are_what_the_catalogue_says() {
    let (Some(catalogue), Some(controls)) = (beside(CATALOGUE), beside(CONTROLS)) else {
        return eprintln!("the catalogue is not beside the repository: nothing was compared");
    };
    deep(|| {
        for rule in Catalogue::shipped().rules() {
            let said = catalogue.as_array().unwrap().iter().find(|said| said["id"] == rule.id.as_ref());
            let said = said.unwrap_or_else(|| panic!("{} is not in the catalogue", rule.id));
            assert_eq!(said["title"], rule.title.as_ref(), "{}", rule.id);
            assert_eq!(said["sev"], rule.severity.word(), "{}", rule.id);
            assert_eq!(said["asr"], rule.assurance.letter().to_string(), "{}", rule.id);
            assert_eq!(said["vap"] == "Y", rule.emit, "{}", rule.id);
            assert_eq!(said["fix"], rule.remediation.as_ref(), "{}", rule.id);
            let scopes: &[Scope] = match said["vap"].as_str().unwrap() {
                "Y" => &[Scope::Object, Scope::PodSpec, Scope::Container],
                "C" => &[Scope::Config, Scope::Object, Scope::PodSpec, Scope::Container, Scope::Set],
                _ => &[Scope::Set, Scope::Environment],
            };
            assert!(scopes.contains(&rule.scope), "{}", rule.id);
            let mut maps: Vec<String> = Vec::new();
            for control in &rule.maps {
                let version = control.version.as_deref();
                let at = version.map(|version| format!("@{version}")).unwrap_or_default();
                maps.push(format!("{}{at} {}", control.framework, control.id));
                let (.., list) = FRAMEWORKS.iter().find(|(_, name, _)| *name == control.framework.as_ref()).unwrap();
                let list = version.map_or_else(|| (*list).to_owned(), |version| format!("{list} {version}"));
                // Of the Pod Security Standards the level stands before the check.
                let id = control.id.rsplit(':').next().unwrap();
                let known = controls[&list].as_array().unwrap().iter().any(|known| known == id);
                assert!(known || control.id.as_ref() == "namespace level", "{}: {list} {}", rule.id, control.id);
            }
            maps.sort();
            assert_eq!(maps, expected(&said["maps"]), "{}", rule.id);
        }
        for said in catalogue.as_array().unwrap() {
            let id = said["id"].as_str().unwrap();
            assert!(Catalogue::shipped().find(id).is_some(), "there is no rule {id}");
        }
        let one_object = catalogue.as_array().unwrap().iter().filter(|said| said["vap"] == "Y").count();
        assert_eq!(Catalogue::shipped().rules().iter().filter(|rule| rule.emit).count(), one_object);
    });
}

/// What a rule says of a pod, given by its specification, under a minor version: whether it passes or is not applicable.
fn allows(rule: &str, spec: &str, minor: u8) -> bool {
    let text = format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {spec}}}");
    is_kept(rule, &text, minor, "{}")
}

fn node(text: &str) -> crate::tree::Node {
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let file = sources.add("pod.yml", text);
    crate::yaml::read_document(file, text, &crate::yaml::Limits::default(), &mut diagnostics).unwrap().to_node()
}

/// Whether a pod keeps a rule under a minor version, or the rule is not applicable to it.
fn is_kept(rule: &str, pod: &str, minor: u8, params: &str) -> bool {
    let (pod, params) = (node(pod), node(params));
    let facts = Facts {
        configuration: None,
        environment: "prod",
        tier: "",
        today: "2026-01-01",
        tenant: None,
        params: &params,
        minor,
        environments: &[],
        locks: &[],
        files: &[],
        again: None,
    };
    let rules = [std::sync::Arc::clone(Catalogue::shipped().find(rule).unwrap())];
    let engine = Engine::new(&rules, facts);
    let mut report = engine.report();
    engine.object(0, &pod, &mut report);
    report.findings.is_empty()
}

/// The minors that the Pod Security Standards are held to.
const MINORS: std::ops::RangeInclusive<u8> = 25..=37;

#[test]
fn pod_security_standards_change_where_upstream_changes_them() {
    let sysctl = |name: &str| format!("{{containers: [], securityContext: {{sysctls: [{{name: {name}, value: x}}]}}}}");
    let own = |security: &str| format!("{{hostUsers: false, containers: [{{name: a, securityContext: {security}}}]}}");
    let probe = "{containers: [{name: a, livenessProbe: {httpGet: {port: 80, host: a}}}]}".to_owned();
    let image = "{containers: [], volumes: [{name: a, image: {reference: a}}]}".to_owned();
    let engine = "{containers: [{name: a, securityContext: {seLinuxOptions: {type: container_engine_t}}}]}".to_owned();
    // The minors at which each is allowed.
    for (rule, spec, allowed) in [
        ("TC-POD-115", sysctl("kernel.shm_rmid_forced"), 25..=37),
        ("TC-POD-115", sysctl("net.ipv4.ip_local_reserved_ports"), 27..=37),
        ("TC-POD-115", sysctl("net.ipv4.tcp_keepalive_time"), 29..=37),
        ("TC-POD-115", sysctl("net.ipv4.tcp_fin_timeout"), 29..=37),
        ("TC-POD-115", sysctl("net.ipv4.tcp_keepalive_intvl"), 29..=37),
        ("TC-POD-115", sysctl("net.ipv4.tcp_keepalive_probes"), 29..=37),
        ("TC-POD-115", sysctl("net.ipv4.tcp_rmem"), 32..=37),
        ("TC-POD-115", sysctl("net.ipv4.tcp_wmem"), 32..=37),
        ("TC-POD-115", sysctl("net.ipv4.tcp_slow_start_after_idle"), 37..=37),
        ("TC-POD-115", sysctl("net.ipv4.tcp_notsent_lowat"), 37..=37),
        ("TC-POD-111", engine, 31..=37),
        ("TC-POD-109", probe, 25..=33),
        ("TC-POD-117", image, 25..=37),
        ("TC-POD-119", own("{runAsNonRoot: false}"), 35..=37),
        ("TC-POD-120", own("{runAsUser: 0}"), 35..=37),
        // A user namespace changes nothing else; unmasked /proc is for level baseline alone.
        ("TC-POD-112", own("{procMount: Unmasked}"), 99..=99),
        ("TC-POD-105", own("{capabilities: {add: [SYS_ADMIN]}}"), 99..=99),
        ("TC-POD-101", own("{privileged: true}"), 99..=99),
    ] {
        for minor in MINORS {
            assert_eq!(allows(rule, &spec, minor), allowed.contains(&minor), "{rule} {spec} 1.{minor}");
        }
    }
}

#[test]
fn the_strictest_pod_keeps_every_standard_in_every_version() {
    let strict = "{securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}, \
        appArmorProfile: {type: Localhost, localhostProfile: a}, seLinuxOptions: {type: container_t, level: s0}}, \
        volumes: [{name: a}, {name: b, configMap: {name: b}}], containers: [{name: a, ports: [{containerPort: 80}], \
        securityContext: {allowPrivilegeEscalation: false, procMount: Default, capabilities: {drop: [ALL], \
        add: [NET_BIND_SERVICE]}}}], initContainers: [{name: b, restartPolicy: Always, securityContext: \
        {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}";
    let windows = "{os: {name: windows}, securityContext: {runAsNonRoot: true, windowsOptions: {runAsUserName: a}}, \
        containers: [{name: a}]}";
    let plain = "{containers: [{name: a}]}";
    for rule in Catalogue::shipped().rules() {
        let level = rule.maps.iter().find(|control| control.framework.as_ref() == "pss").map(|control| &control.id);
        let Some(level) = level.and_then(|id| id.split_once(':')).map(|(level, _)| level) else { continue };
        for minor in MINORS {
            assert!(allows(&rule.id, strict, minor), "{} 1.{minor}", rule.id);
            assert!(allows(&rule.id, windows, minor), "{} 1.{minor}, Windows", rule.id);
            assert!(level != "baseline" || allows(&rule.id, plain, minor), "{} 1.{minor}, plain", rule.id);
        }
    }
}

/// The folder of pods that upstream tries its own checks on: `baseline/v1.34/fail/hostports0.yaml`, of
/// `k8s.io/pod-security-admission/test/testdata`.
const FIXTURES: &str = "TENANTCTL_PSS_FIXTURES";

#[test]
#[expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test reads a folder that is named to it, if one is"
)]
fn pods_of_upstream_come_out_as_upstream_says() {
    let Ok(folder) = std::env::var(FIXTURES) else {
        return eprintln!("{FIXTURES} names no folder: no pod of upstream was tried");
    };
    let levels = [("baseline", &["baseline"][..]), ("restricted", &["baseline", "restricted"])];
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (level, of) in levels {
        let params = format!("{{podSecurity: {{level: {level}}}}}");
        let is_of = |rule: &&std::sync::Arc<Rule>| {
            let mut levels = rule.maps.iter().filter(|control| control.framework.as_ref() == "pss");
            // The rule about sockets is stricter than the check that it belongs to.
            rule.id.as_ref() != "TC-POD-122"
                && rule.scope != Scope::Object
                && levels.any(|control| control.id.split_once(':').is_some_and(|(level, _)| of.contains(&level)))
        };
        let rules: Vec<_> = Catalogue::shipped().rules().iter().filter(is_of).collect();
        for minor in MINORS {
            for (expected, passes) in [("pass", true), ("fail", false)] {
                let Ok(files) = std::fs::read_dir(format!("{folder}/{level}/v1.{minor}/{expected}")) else { continue };
                for file in files {
                    let path = file.unwrap().path();
                    let text = std::fs::read_to_string(&path).unwrap();
                    let kept = deep(|| rules.iter().all(|rule| is_kept(&rule.id, &text, minor, &params)));
                    tried += 1;
                    if kept != passes {
                        wrong.push(format!("{} is to {expected}", path.display()));
                    }
                }
            }
        }
    }
    assert!(tried > 0, "{folder} has no pods such as baseline/v1.34/pass/base.yaml");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    eprintln!("{tried} pods of upstream came out as it says");
}
