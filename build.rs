//! Tells cargo that the binary holds the shipped workspace, so that a change of it is a reason to build.

fn main() {
    for part in ["tenantctl.yaml", "environments", "templates", "schemas"] {
        println!("cargo::rerun-if-changed={part}");
    }
}
