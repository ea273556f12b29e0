//! The configuration of the platform's first documents is valid as it was written there.

use tenantctl::diagnostic::{Diagnostics, Failed};
use tenantctl::pipeline::{Compiler, Wanted};
use tenantctl::shipped;
use tenantctl::source::Sources;
use tenantctl::workspace::{Selection, Top, Workspace};

const SEEDS: &str = r#"
application:
  api:
    fastapi:
      middleware: [security_headers, rate_limiting, request_id, correlation_id]
      documentation: {swagger_ui: true, redoc: true, openapi_tags: true}
database:
  postgresql:
    cluster:
      primary_host: "postgres-primary.cluster.local"
      replica_hosts: ["postgres-replica-1.cluster.local", "postgres-replica-2.cluster.local"]
    connection_pool: {min_size: 10, max_size: 100, overflow: 20}
ml_services:
  tensorflow_serving:
    cluster: {nodes: 3, gpu_enabled: true, model_store: "gs://ml-models-bucket"}
  model_management: {versioning: true, a_b_testing: true, canary_deployment: true}
tenant_config:
  autoscaling:
    enabled: true
    strategy: "predictive"
    min_replicas: 2
    max_replicas: 50
    metrics: {cpu_threshold: 70, memory_threshold: 80, latency_threshold: 500ms}
  monitoring: {real_time: true, metrics_retention: "30d", alert_channels: ["slack", "email", "webhook"]}
  security: {encryption: "AES-256", isolation_level: "strict", audit_logging: true}
  performance: {cache_ttl: 3600, connection_pool: 100, circuit_breaker: true}
cluster_name: "{{ cluster_name | default('spotify-ai-agent-prod') }}"
node_count: "{{ node_count | default(6) }}"
"#;

/// Compiles all tenants of prod with the text put under the file `below`, or in the place of nothing.
fn compiled(below: &str) -> Result<usize, Vec<String>> {
    let files = shipped::files();
    let own = files.iter().find(|(name, _)| name == below).map(|(_, bytes)| String::from_utf8_lossy(bytes));
    let own = own.unwrap_or_else(|| panic!("the shipped workspace has no {below}"));
    // Lowest of what the file extends already, if it does.
    let extended = match own.split_once("extends:\n") {
        Some((above, list)) => format!("{above}extends:\n  - environments/seeds.yml\n{list}"),
        None => format!("extends: environments/seeds.yml\n{own}"),
    };
    let world = shipped::world().file("environments/seeds.yml", SEEDS).file(below, extended);
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let run = (|| -> Result<usize, Failed> {
        let workspace = Workspace::find(&world, &sources, &mut diagnostics)?;
        diagnostics = Diagnostics::with_levels(workspace.levels());
        let selection = Selection { environment: "prod".into(), ..Selection::default() };
        let targets = workspace.targets(&selection, &mut diagnostics)?;
        let templates = workspace.templates(&mut diagnostics)?;
        let compiler = Compiler::new(&workspace, Top::default());
        compiler.run(&templates, &Wanted::default(), &targets, drop, &mut diagnostics)?;
        Ok(targets.len())
    })();
    run.map_err(|_| diagnostics.items().iter().map(|item| item.message.clone()).collect())
}

#[test]
fn the_first_documents_are_a_valid_layer() {
    for below in ["environments/base.yml", "environments/prod/prod.yml"] {
        let targets = compiled(below).unwrap_or_else(|said| panic!("{below}: {said:#?}"));
        assert!(targets > 5);
    }
}
