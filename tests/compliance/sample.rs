//! A report's evidence: three tenants, rules of every severity and assurance, and names that are meant to break out.

use std::collections::BTreeMap;

use tenantctl::compliance::evidence::{Declaration, Definition, Evidence, Mapping, Outcome, Selected, Tally, Verdict};
use tenantctl::compliance::model::{
    AtAdmission, Catalogue, Excluded, File, Object, Origin, Population, Revision, Subject,
};
use tenantctl::compliance::waiver::Waiver;
use tenantctl::compliance::{Assurance, Severity};
use tenantctl::diagnostic::Diagnostics;
use tenantctl::source::Sources;

/// A tenant whose files try to be markup of every form.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>";

pub(crate) const WAIVERS: &str = include_str!("waivers.yaml");

pub(crate) fn waivers(text: &str) -> Vec<Waiver> {
    let sources = Sources::default();
    let file = sources.add("policies/waivers.yaml", text);
    let mut diagnostics = Diagnostics::new();
    Waiver::read(&sources, file, &mut diagnostics).unwrap_or_else(|_| panic!("{:#?}", diagnostics.items()))
}

pub(crate) fn rule(
    id: &str,
    title: &str,
    severity: Severity,
    assurance: Assurance,
    maps: &[(&str, &str, &str)],
) -> Definition {
    let map = |(framework, version, control): &(&str, &str, &str)| Mapping {
        framework: (*framework).to_owned(),
        version: (!version.is_empty()).then(|| (*version).to_owned()),
        control: (*control).to_owned(),
    };
    Definition {
        id: id.to_owned(),
        version: 1,
        title: title.to_owned(),
        severity,
        assurance,
        component: (assurance == Assurance::Depends).then(|| "the network plugin".to_owned()),
        remediation: format!("Correct what `{title}` asks for"),
        at_admission: (assurance == Assurance::Enforced).then(|| AtAdmission {
            policy: "tenantctl-prod-pod-pods".to_owned(),
            actions: vec!["Warn".to_owned(), "Audit".to_owned()],
        }),
        exempt: None,
        maps: maps.iter().map(map).collect(),
    }
}

fn rules() -> Vec<Definition> {
    use Assurance::{Declared, Depends, Enforced, Gate};
    use Severity::{Critical, High, Low, Medium};
    vec![
        rule(
            "TC-POD-101",
            "No privileged container",
            Critical,
            Enforced,
            &[
                ("pss", "", "baseline:privileged"),
                ("cis-k8s", "1.11", "5.2.2"),
                ("cis-k8s", "1.12", "5.2.2"),
                ("hipaa", "", "164.308(a)(1)(ii)(B)"),
                ("pci-dss", "", "2.2.6"),
                ("gdpr", "", "32(1)(b)"),
            ],
        ),
        rule(
            "TC-POD-119",
            "Run as non-root",
            High,
            Enforced,
            &[("pss", "", "restricted:runAsNonRoot"), ("cis-k8s", "1.12", "5.2.7"), ("pss", "", "namespace level")],
        ),
        rule(
            "TC-POD-107",
            "No hostPath volume",
            High,
            Enforced,
            &[("pss", "", "baseline:hostPathVolumes"), ("cis-k8s", "1.12", "5.2.11")],
        ),
        rule(
            "TC-NET-501",
            "Default-deny ingress in every tenant namespace",
            Critical,
            Depends,
            &[("cis-k8s", "1.12", "5.3.2"), ("pci-dss", "", "A1.1.2"), ("pci-dss", "", "1.3.1")],
        ),
        rule(
            "TC-CFG-904",
            "Idle session timeout",
            Medium,
            Declared,
            &[("hipaa", "", "164.312(a)(2)(iii)"), ("pci-dss", "", "8.2.8")],
        ),
        rule(
            "TC-CFG-901",
            "Encryption at rest declared and strong",
            Critical,
            Declared,
            &[("hipaa", "", "164.312(a)(2)(iv)"), ("pci-dss", "", "3.5.1.2"), ("gdpr", "", "32(1)(a)")],
        ),
        rule("TC-WRK-314", "No bare pods", Low, Enforced, &[]),
        rule("TC-NET-513", "Mesh mTLS strict where promised", High, Depends, &[("hipaa", "", "164.312(e)(1)")]),
        rule(
            "TC-SEC-701",
            "No plaintext secret in config or manifests",
            Critical,
            Gate,
            &[("cis-k8s", "1.12", "5.4.1")],
        ),
        rule("TC-INT-953", "Waivers valid", High, Gate, &[]),
    ]
}

fn tally(rule: &str, tenant: Option<&str>, pass: u64, not_applicable: u64) -> Tally {
    Tally { rule: rule.to_owned(), tenant: tenant.map(str::to_owned), pass, not_applicable, why: None }
}

fn verdict(
    rule: &str,
    tenant: &str,
    object: &str,
    path: &str,
    outcome: Outcome,
    expected: &str,
    actual: &str,
) -> Verdict {
    let at = |line, layer: &str, overridden| Origin {
        file: format!("environments/prod/tenants/{tenant}.yml"),
        line,
        col: 7,
        layer: Some(layer.to_owned()),
        config_path: Some("workloads.api.securityContext".to_owned()),
        overridden,
    };
    Verdict {
        rule: rule.to_owned(),
        subject: Subject { reference: object.to_owned(), tenant: Some(tenant.to_owned()) },
        path: path.to_owned(),
        outcome,
        expected: expected.to_owned(),
        actual: Some(actual.to_owned()),
        provenance: vec![at(42, "tenant", false), at(10, "base", true)],
    }
}

fn tallies() -> Vec<Tally> {
    let mut tallies: Vec<Tally> = ["acme", "globex"]
        .into_iter()
        .flat_map(|tenant| {
            ["TC-POD-101", "TC-POD-119", "TC-POD-107", "TC-CFG-901"].map(|rule| tally(rule, Some(tenant), 5, 0))
        })
        .collect();
    tallies.push(tally("TC-SEC-701", None, 348, 0));
    tallies.push(tally("TC-NET-501", Some("acme"), 1, 0));
    tallies.push(Tally { why: Some("no tier promises a mesh".to_owned()), ..tally("TC-NET-513", None, 0, 3) });
    tallies
}

fn verdicts() -> Vec<Verdict> {
    let container = "/spec/template/spec/containers/0/securityContext/privileged";
    vec![
        verdict(
            "TC-POD-101",
            "acme",
            "apps/v1/Deployment/acme/driver",
            container,
            Outcome::Fail,
            "`false` or absent",
            "true",
        ),
        verdict(
            "TC-POD-119",
            "globex",
            "apps/v1/Deployment/globex/api",
            "/spec/template/spec/securityContext/runAsNonRoot",
            Outcome::Fail,
            "true",
            "absent",
        ),
        verdict(
            "TC-POD-107",
            HOSTILE,
            &format!("apps/v1/Deployment/{HOSTILE}/`|*_x_*|`"),
            "/spec/template/spec/volumes/0/hostPath",
            Outcome::Fail,
            "no `hostPath`",
            "</script><img src=x onerror=alert(1)>\u{202e}\u{7}]]>",
        ),
        verdict(
            "TC-CFG-904",
            "globex",
            "configuration/globex",
            "/security/session/idle_minutes",
            Outcome::Fail,
            "at most 15 minutes",
            "60",
        ),
        verdict(
            "TC-CFG-904",
            "acme",
            "configuration/acme",
            "",
            Outcome::Error,
            "the expression has no such key: session",
            "absent",
        ),
        verdict(
            "TC-CFG-904",
            HOSTILE,
            "configuration/x",
            "/security/session/idle_minutes",
            Outcome::Pass,
            "at most 15 minutes",
            "10",
        ),
    ]
}

/// The evidence.
pub(crate) fn evidence() -> Evidence {
    let digest = |digit: &str| digit.repeat(64);
    let file = |path: &str, layer: &str, digit| File {
        path: path.to_owned(),
        layer: Some(layer.to_owned()),
        sha256: digest(digit),
        bytes: 5120,
    };
    let object = |tenant: &str, name: &str, digit| Object {
        path: format!("prod/{tenant}/manifest.yaml"),
        kind: "apps/v1/Deployment".to_owned(),
        namespace: Some(tenant.to_owned()),
        name: name.to_owned(),
        sha256: digest(digit),
    };
    let selected = |id: &str, version: Option<&str>| Selected {
        id: id.to_owned(),
        version: version.map(str::to_owned),
        selected_by: "jane.doe@example.com".to_owned(),
        declared: BTreeMap::new(),
    };
    let mut pci = selected("pci-dss", None);
    let reason = "one platform, in which customers reach their own data only".to_owned();
    pci.declared.insert("appendixA1".to_owned(), Declaration { applicable: false, reason });
    Evidence {
        tool_version: "0.1.0".to_owned(),
        tool_digest: None,
        as_of: "2026-11-20T12:00:00Z".parse().unwrap(),
        actor: Some("ci:pipeline/1234".to_owned()),
        command: ["tenantctl", "report", "compliance", "prod"].map(str::to_owned).into(),
        exit: Some(1),
        source: Some(Revision {
            vcs: "git".to_owned(),
            repository: Some("https://git.example.com/platform/config".to_owned()),
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            dirty: Some(false),
            signed: Some(true),
            branch: Some("main".to_owned()),
        }),
        inputs: vec![
            file("environments/prod/tenants/acme.yml", "tenant", "1"),
            file("environments/base.yml", "base", "2"),
            file(&format!("environments/prod/tenants/{HOSTILE}.yml"), "tenant", "3"),
        ],
        outputs: vec![object("globex", "api", "4"), object("acme", "api", "5"), object(HOSTILE, "`|*_x_*|`", "6")],
        environment: "prod".to_owned(),
        tenants: ["globex", "acme", HOSTILE].map(str::to_owned).into(),
        partial: false,
        excluded: vec![Excluded {
            what: "tenant legacy".to_owned(),
            why: "moves out until December; \"]]>--><b>".to_owned(),
            by: "jane.doe@example.com".to_owned(),
        }],
        kubernetes: "1.34".to_owned(),
        frameworks: vec![
            selected("gdpr", None),
            pci,
            selected("pss", None),
            selected("cis-k8s", Some("1.12.0")),
            selected("hipaa", None),
        ],
        catalogue: Catalogue { version: "2026.11".to_owned(), sha256: digest("a"), ..Catalogue::default() },
        population: Population { tenants: 3, objects: 348, pod_specs: 96, containers: 141, config_leaves: 5210 },
        rules: rules(),
        tallies: tallies(),
        verdicts: verdicts(),
        waivers: waivers(WAIVERS),
        previous: None,
    }
}
