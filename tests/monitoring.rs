//! What watches the tenants does so: Prometheus takes the rules and the queries of the dashboards, alerts fire when they
//! should, and Grafana can show the dashboards.
//!
//! The rules are held against `promtool`; where it is not installed, these tests say so and pass.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test writes files, may fail and says what it skips"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tenantctl::check::{Document, Form};
use tenantctl::diagnostic::{Diagnostics, Failed};
use tenantctl::pipeline::{Compiler, Wanted};
use tenantctl::shipped;
use tenantctl::source::Sources;
use tenantctl::workspace::{Selection, Top, Workspace};

/// The environment in which everything is switched on.
const ENVIRONMENT: &str = "staging";
/// Its tenant with all there is: the highest level and a promise.
const TENANT: &str = "spotify-premium";

/// The objects of the environment of one kind.
fn objects(kind: &str) -> Vec<Value> {
    let world = shipped::world();
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let mut objects = Vec::new();
    let outcome = (|| {
        let workspace = Workspace::find(&world, &sources, &mut diagnostics)?;
        let selection = Selection { environment: ENVIRONMENT.to_owned(), ..Selection::default() };
        let targets = workspace.targets(&selection, &mut diagnostics)?;
        let templates = workspace.templates(&mut diagnostics)?;
        let each = |document: Document| {
            let text = format!("{}{}{}", Form::Json.begin(), document.text(), Form::Json.end());
            let list: Value = serde_json::from_str(&text).unwrap();
            objects.extend(list["items"].as_array().unwrap().iter().filter(|object| object["kind"] == kind).cloned());
        };
        Compiler::new(&workspace, Top::default()).run(
            &templates,
            &Wanted::all(Form::Json),
            &targets,
            each,
            &mut diagnostics,
        )?;
        Ok::<_, Failed>(())
    })();
    assert!(outcome.is_ok(), "{:#?}", diagnostics.items());
    assert!(!objects.is_empty(), "there is no {kind}");
    objects
}

/// The groups of rules of a namespace, or of all.
fn groups(namespace: Option<&str>) -> Vec<Value> {
    let rules = objects("PrometheusRule");
    let wanted = |rule: &&Value| namespace.is_none_or(|namespace| rule["metadata"]["namespace"] == namespace);
    let groups = rules.iter().filter(wanted).flat_map(|rule| rule["spec"]["groups"].as_array().unwrap());
    groups.cloned().collect()
}

/// The dashboards, by namespace and file.
fn dashboards() -> BTreeMap<String, Value> {
    let maps = objects("ConfigMap");
    let labelled = maps.iter().filter(|map| map["metadata"]["labels"]["grafana_dashboard"] == "1");
    let files = labelled.flat_map(|map| map["data"].as_object().unwrap());
    files.map(|(name, text)| (name.clone(), serde_json::from_str(text.as_str().unwrap()).unwrap())).collect()
}

/// What a dashboard asks Prometheus.
fn queries(dashboard: &Value) -> Vec<&str> {
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    targets.map(|target| target["expr"].as_str().unwrap()).collect()
}

/// Runs promtool in a folder with these files, which it must like. JSON is YAML as well.
fn promtool(arguments: &[&str], files: &[(&str, Value)]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content.to_string()).unwrap();
    }
    let Ok(output) = Command::new("promtool").args(arguments).current_dir(folder.path()).output() else {
        eprintln!("skipped: there is no promtool here");
        return;
    };
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{said}");
}

#[test]
fn prometheus_takes_the_rules() {
    promtool(&["check", "rules", "rules.yml"], &[("rules.yml", json!({"groups": groups(None)}))]);
}

#[test]
fn prometheus_takes_the_queries_of_the_dashboards() {
    let all = dashboards();
    let rules: Vec<Value> = all
        .values()
        .flat_map(queries)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|query| query.replace("$__rate_interval", "5m"))
        .enumerate()
        .map(|(index, expr)| json!({"record": format!("query{index}"), "expr": expr}))
        .collect();
    assert!(rules.len() > 20);
    promtool(
        &["check", "rules", "rules.yml"],
        &[("rules.yml", json!({"groups": [{"name": "queries", "rules": rules}]}))],
    );
}

/// A minute's step of a series.
fn series(name: &str, labels: &str, values: &str) -> Value {
    json!({"series": format!("{name}{{namespace=\"{TENANT}\",{labels}}}"), "values": values})
}

fn requests(status: &str, values: &str) -> Value {
    series("http_requests_total", &format!("job=\"ai-agent\",status=\"{status}\""), values)
}

/// That these alerts fire at a minute, as `alertname severity window`, and no others of those that are looked at.
fn firing(minute: u32, of: &str, alerts: &[(&str, &str, &str)]) -> Value {
    let samples = alerts.iter().map(|(name, severity, window)| {
        let window = if window.is_empty() { String::new() } else { format!(", window=\"{window}\"") };
        json!({"labels": format!("{{alertname=\"{name}\", severity=\"{severity}\"{window}}}"), "value": 1})
    });
    json!({
        "expr": format!("count by (alertname, severity, window) (ALERTS{{alertstate=\"firing\",alertname=~\"{of}\"}})"),
        "eval_time": format!("{minute}m"),
        "exp_samples": samples.collect::<Vec<_>>(),
    })
}

#[test]
fn alerts_fire_when_they_should() {
    let budget = "AgentErrorBudgetBurn";
    let scenario = |name: &str, input: Vec<Value>, expected: Vec<Value>| json!({"name": name, "interval": "1m", "input_series": input, "promql_expr_test": expected});
    let bucket = |le: &str, values: &str| {
        series("http_request_duration_seconds_bucket", &format!("job=\"ai-agent\",le=\"{le}\""), values)
    };
    let up = series("up", "job=\"ai-agent\",pod=\"a\"", "1x300");
    let tests = [
        scenario(
            "an outage wakes somebody within minutes, and no longer when it is over",
            vec![
                requests("200", "0+600x90 54000x9 54000+600x150"),
                requests("503", "0x90 0+600x9 5400x150"),
                up.clone(),
            ],
            vec![
                firing(90, ".*", &[]),
                firing(98, budget, &[(budget, "critical", "1h")]),
                firing(170, budget, &[(budget, "warning", "1d")]),
                firing(230, budget, &[]),
            ],
        ),
        scenario(
            "a leak of twice what is allowed wakes nobody",
            vec![requests("200", "0+999x240"), requests("503", "0+1x240"), up.clone()],
            vec![firing(30, budget, &[]), firing(240, budget, &[(budget, "warning", "3d")])],
        ),
        scenario(
            "half of what is allowed is nobody's business",
            vec![requests("200", "0+3999x240"), requests("503", "0+1x240"), up.clone()],
            vec![firing(240, ".*", &[])],
        ),
        scenario(
            "no pod answers",
            vec![series("up", "job=\"ai-agent\",pod=\"a\"", "1x10 0x20")],
            vec![firing(14, ".*", &[]), firing(17, ".*", &[("AgentDown", "critical", "")])],
        ),
        scenario(
            "one in fifty requests is slow",
            vec![bucket("0.1", "0+98x60"), bucket("0.5", "0+100x60"), bucket("+Inf", "0+100x60"), up.clone()],
            vec![firing(30, ".*", &[("AgentSlow", "warning", "")])],
        ),
        scenario(
            "one in two hundred requests is slow",
            vec![bucket("0.1", "0+199x60"), bucket("0.5", "0+200x60"), bucket("+Inf", "0+200x60"), up.clone()],
            vec![firing(30, ".*", &[])],
        ),
        scenario(
            "a pod crashes for want of memory, another one is done",
            vec![
                series(
                    "kube_pod_container_status_waiting_reason",
                    "pod=\"a\",container=\"c\",reason=\"CrashLoopBackOff\"",
                    "1x60",
                ),
                series("kube_pod_container_status_restarts_total", "pod=\"a\",container=\"c\"", "0+1x60"),
                series(
                    "kube_pod_container_status_last_terminated_reason",
                    "pod=\"a\",container=\"c\",reason=\"OOMKilled\"",
                    "1x60",
                ),
                series("kube_pod_status_ready", "pod=\"a\",condition=\"true\"", "0x60"),
                series("kube_pod_status_phase", "pod=\"a\",phase=\"Running\"", "1x60"),
                series("kube_pod_status_ready", "pod=\"done\",condition=\"true\"", "0x60"),
                series("kube_pod_status_phase", "pod=\"done\",phase=\"Running\"", "0x60"),
                series("kube_pod_status_phase", "pod=\"done\",phase=\"Succeeded\"", "1x60"),
                up.clone(),
            ],
            vec![firing(
                30,
                ".*",
                &[
                    ("AgentOutOfMemory", "warning", ""),
                    ("AgentPodsCrashing", "warning", ""),
                    ("AgentPodsNotReady", "warning", ""),
                ],
            )],
        ),
        scenario(
            "there is no room to grow",
            vec![
                series("kube_horizontalpodautoscaler_status_current_replicas", "horizontalpodautoscaler=\"a\"", "9x60"),
                series("kube_horizontalpodautoscaler_spec_max_replicas", "horizontalpodautoscaler=\"a\"", "9x60"),
                up,
            ],
            vec![firing(45, ".*", &[("AgentAtLargestScale", "warning", "")])],
        ),
    ];
    promtool(
        &["test", "rules", "tests.yml"],
        &[
            ("rules.yml", json!({"groups": groups(Some(TENANT))})),
            ("tests.yml", json!({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": tests})),
        ],
    );
}

#[test]
fn what_is_unlike_the_week_before_is_noticed() {
    // Recorded as they are, since nothing else records them here.
    let recorded =
        |name: &str, values: &str| json!({"series": format!("{name}{{tenant=\"{TENANT}\"}}"), "values": values});
    let test = json!({
        "interval": "10m",
        "input_series": [
            recorded("tenant:http_requests:rate5m", "10x1010 1x20"),
            recorded("tenant:http_request_duration_seconds:p99_5m", "0.03x1010 0.09x20"),
        ],
        "promql_expr_test": [
            firing(10100, "Agent.*Unusual", &[]),
            firing(10180, "Agent.*Unusual", &[
                ("AgentLatencyUnusual", "warning", ""),
                ("AgentTrafficUnusual", "warning", ""),
            ]),
        ],
    });
    promtool(
        &["test", "rules", "tests.yml"],
        &[
            ("rules.yml", json!({"groups": groups(Some(TENANT))})),
            ("tests.yml", json!({"rule_files": ["rules.yml"], "evaluation_interval": "10m", "tests": [test]})),
        ],
    );
}

#[test]
fn every_alert_says_whose_it_is_and_what_to_do() {
    for group in groups(None) {
        for rule in group["rules"].as_array().unwrap().iter().filter(|rule| rule["alert"].is_string()) {
            let (labels, notes) = (&rule["labels"], &rule["annotations"]);
            assert!(labels["severity"] == "critical" || labels["severity"] == "warning", "{rule}");
            assert_eq!(labels["environment"], ENVIRONMENT, "{rule}");
            let runbook = notes["runbook_url"].as_str().unwrap();
            assert!(runbook.ends_with(rule["alert"].as_str().unwrap()), "{rule}");
            assert!(notes["summary"].is_string() && notes["description"].is_string(), "{rule}");
            if !group["name"].as_str().unwrap().starts_with("platform.") {
                // Alertmanager gives a tenant's routes only what is of its namespace.
                assert!(labels["namespace"].is_string() && labels["namespace"] == labels["tenant"], "{rule}");
            }
        }
    }
}

#[test]
fn every_severity_reaches_somebody() {
    for object in objects("AlertmanagerConfig") {
        let receivers = object["spec"]["receivers"].as_array().unwrap();
        let route = &object["spec"]["route"];
        let routes = route["routes"].as_array().unwrap().iter().chain(std::iter::once(route));
        for route in routes {
            let receiver = receivers.iter().find(|receiver| receiver["name"] == route["receiver"]).unwrap();
            assert!(receiver.as_object().unwrap().len() > 1, "{receiver} reaches nobody");
        }
        // Whatever is secret is a key of a Secret.
        assert!(!object.to_string().contains("https://"), "{object}");
    }
}

#[test]
fn grafana_can_show_the_dashboards() {
    let all = dashboards();
    let mut ids = BTreeSet::new();
    for (file, dashboard) in &all {
        let uid = dashboard["uid"].as_str().unwrap();
        // Grafana takes no longer one, and puts one dashboard in the place of another of the same.
        assert!(uid.len() <= 40 && ids.insert(uid), "{file}: {uid}");
        let variables = dashboard["templating"]["list"].as_array().unwrap();
        let names: Vec<&str> = variables.iter().map(|variable| variable["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["datasource", "tenant"], "{file}");
        let panels = dashboard["panels"].as_array().unwrap();
        let numbers: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
        assert_eq!(numbers.len(), panels.len(), "{file}");
        let places: BTreeSet<_> = panels.iter().map(|panel| panel["gridPos"].to_string()).collect();
        assert_eq!(places.len(), panels.len(), "{file}");
        let platform = ["otelcol_", "tensorflow:serving"];
        for query in queries(dashboard) {
            assert!(query.contains("$tenant") || platform.iter().any(|own| query.contains(own)), "{file}: {query}");
        }
        // A tenant's own shows that tenant, and nothing lets one choose another.
        if !file.starts_with("fleet-") {
            assert_eq!(variables[1]["type"], "constant", "{file}");
            assert!(file.starts_with(variables[1]["query"].as_str().unwrap()), "{file}");
        }
    }
    assert_eq!(all.len(), 4, "{:?}", all.keys());
}

#[test]
fn the_collector_has_every_part_that_its_pipelines_name() {
    let maps = objects("ConfigMap");
    let map = maps.iter().find(|map| map["metadata"]["name"] == "otel-collector").unwrap();
    let text = map["data"]["collector.yaml"].as_str().unwrap();
    let (parts, pipelines) = text.split_once("\n  pipelines:\n").unwrap();
    let lists = pipelines.lines().filter_map(|line| line.trim().strip_prefix("processors: "));
    let processors: Vec<String> = lists.flat_map(|list| serde_json::from_str::<Vec<String>>(list).unwrap()).collect();
    let exporters = pipelines.lines().filter_map(|line| line.trim().strip_prefix("exporters: ["));
    let exporters = exporters.map(|list| list.trim_end_matches(']').to_owned());
    let named: BTreeSet<String> = processors.into_iter().chain(exporters).collect();
    assert!(named.len() > 8, "{named:?}");
    for name in named {
        assert!(parts.contains(&format!("\n  {name}:")), "nothing says what {name} is");
    }
}
