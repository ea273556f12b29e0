//! Known contents are put wherever a secret can be; then they must be in nothing that is said, written or kept.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads and writes files and may fail")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[path = "canary/bench.rs"]
mod bench;
#[path = "canary/commands.rs"]
mod commands;
#[path = "canary/planting.rs"]
mod planting;
#[path = "canary/scanner.rs"]
mod scanner;

use bench::{Bench, May, RECIPIENT};
use planting::{Planting, Tried};

#[test]
fn no_text_of_the_shipped_layers_leaks_as_a_secret() {
    let store = "store: {name: vault, key: \"{environment}/{path}\", property: \"{label}\"}";
    let settings = format!(
        "secrets:\n  dev: {{delivery: inline, recipients: [{RECIPIENT}]}}\n  staging: {{delivery: sops, recipients: \
         [{RECIPIENT}]}}\n  prod: {{delivery: external, {store}, recipients: [{RECIPIENT}]}}\n"
    );
    let planting = Planting::new(&settings);
    let secrets = planting.secrets();
    let values: Vec<(&str, &str)> = secrets.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    let bench = Bench::new(values.iter().map(|(_, content)| *content));
    planting.files.iter().for_each(|(file, text)| bench.write(file, text));
    for environment in ["dev", "staging", "prod"] {
        bench.encrypt(&format!("environments/{environment}/secrets/_environment.yml"), &values);
    }
    let look = |texts: &BTreeSet<usize>, code: Option<i32>, environments: &[&str]| {
        planting.with(texts).iter().for_each(|(file, text)| bench.write(file, text));
        for environment in environments {
            for arguments in [&["validate", environment][..], &["render", environment, "-o", "out"]] {
                let ended = bench.run(arguments, "", May::Hide).status.code();
                assert!(code.map_or(ended <= Some(1), |code| ended == Some(code)), "{arguments:?}: {ended:?}");
            }
        }
    };
    let environments = ["dev", "staging", "prod"];
    look(&planting.all(), Some(1), &environments);
    let batches = planting.batches();
    let next = AtomicUsize::new(0);
    let tried: Mutex<Vec<Tried>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = planting.try_out(batch);
                    tried.lock().unwrap().push(outcome);
                }
            });
        }
    });
    let tried = tried.into_inner().unwrap();
    let accepted: BTreeSet<usize> = tried.iter().flat_map(|tried| tried.accepted.iter().copied()).collect();
    look(&accepted, None, &environments);
    // What each batch alone may be, all together may not: a rest of them is found that goes through to the end.
    let rest = planting.try_out(&Planting::batch(accepted, "dev")).accepted;
    assert!(!rest.is_empty());
    look(&rest, Some(0), &["dev"]);
    let refused = |code: &str| tried.iter().filter_map(|tried| tried.refused.get(code)).sum::<usize>();
    assert!(refused("TC801") > 20 && refused("TC820") > 20 && refused("TC301") > 20, "{tried:?}");
    assert!(bench.search() > 100);
}

/// What the encrypted files hold; also what is set in runs.
const CONTENTS: [&str; 6] = [
    "Kestrel7-Qv9+Zr4/Lm2",
    "first \"Heron5tYw\"\\\n'second' %Gull8üñí&<x>\nPlover3kk\n",
    "Osprey&5<w>\"x'y\\z",
    "Godwit44-Next+Two/Bb",
    "Dunlin-Edited-66",
    "Whimbrel-Half-Typed-91",
];

/// Something that is no secret, and is in what is kept.
const MARK: &str = "registry.example.com/birdcage:1.0";

/// An editor that writes down how it was called, and puts a value in.
const EDITOR: &str = r#"#!/bin/sh
{ echo "editor $*"; env; ls -ld "${1%/*}" "$1"; } >> "$CALLS"
grep -q Kestrel7 "$1" || grep -q Godwit44 "$1" || grep -q Osprey "$1" || exit 7
printf 'edited:\n    value: Dunlin-Edited-66\n' >> "$1"
"#;

/// A workspace with Secrets of each delivery, in git.
fn cage() -> Bench {
    let mut bench = Bench::new(CONTENTS);
    bench.program("edit", EDITOR);
    bench.set("TENANTCTL_AUTHOR", "Ada <ada@example.com>");
    bench.set("EDITOR", bench.at("bin/edit").to_str().unwrap());
    let to = format!("recipients: [{RECIPIENT}]");
    let store = "store: {name: vault, key: \"{environment}/{path}\", property: \"{label}\"}";
    let environments = ["dev", "staging", "prod", "lab"];
    let contexts: Vec<String> =
        environments.iter().map(|name| format!("  {name}: {{context: kind-{name}}}\n")).collect();
    bench.write(
        "tenantctl.yaml",
        &format!(
            "apiVersion: tenantctl.dev/v1\nkind: Workspace\nenvironments:\n{}layers:\n  - {{name: base, file: base.yml}}\n  \
             - {{name: tenant, file: \"environments/{{environment}}/tenants/{{tenant}}.yml\", trust: data}}\n\
             secrets:\n  values: {{session.key: {{generate: {{hex: {{bytes: 32}}}}}}}}\n  dev: {{{to}}}\n  \
             staging: {{delivery: inline, {to}}}\n  prod: {{delivery: sops, {to}}}\n  lab: {{delivery: external, {store}, {to}}}\n",
            contexts.concat()
        ),
    );
    bench.write(
        "base.yml",
        &format!(
            "image: {MARK}\ndatabase: {{host: db, user: app, password: !secret database.password}}\nodd: !secret odd.text\n\
             token: !secret api.token\ncost: {{currency: EUR, prices: {{cpu: 20, memory: 3, storage: 0.1, gpu: 0, load_balancer: 0}}}}\n"
        ),
    );
    bench.write(
        "templates/tenant/app.yaml.j2",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: {{ target.tenant }}, labels: {tenant: {{ target.tenant }}}}\n---\napiVersion: v1\nkind: Secret\n\
         metadata: {name: database, namespace: {{ target.tenant }}}\nstringData:\n  user: {{ database.user }}\n  \
         password: {{ database.password }}\n  \
         url: \"postgres://{{ database.user }}:{{ database.password }}@{{ database.host }}/app\"\n  odd: {{ odd }}\n\
         data:\n  token: {{ token }}\n  line: \"Bearer {{ token }}\"\n---\napiVersion: v1\nkind: Pod\n\
         metadata: {name: app, namespace: {{ target.tenant }}}\nspec:\n  containers:\n    - name: app\n      \
         image: {{ image }}\n      resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 10m, memory: 16Mi}}\n      \
         envFrom: [{secretRef: {name: database}}]\n",
    );
    bench.write("waivers.yaml", "apiVersion: tenantctl.dev/v1\nkind: Waivers\nwaivers: []\n");
    bench.write(".sops.yaml", &format!("creation_rules:\n  - path_regex: plain.yml$\n    age: {RECIPIENT}\n"));
    bench.write(".gitignore", "out\n");
    for environment in environments {
        for tenant in ["acme", "bolt"] {
            bench.write(&format!("environments/{environment}/tenants/{tenant}.yml"), "{}\n");
        }
    }
    for environment in ["dev", "staging", "prod"] {
        let values = [("database.password", CONTENTS[0]), ("odd.text", CONTENTS[1])];
        bench.encrypt(&format!("environments/{environment}/secrets/_environment.yml"), &values);
        for tenant in ["acme", "bolt"] {
            bench.encrypt(&format!("environments/{environment}/secrets/{tenant}.yml"), &[("api.token", CONTENTS[2])]);
        }
    }
    bench.write("environments/lab/plain.yml", "{\"database\": {\"password\": \"plain-and-known\"}}\n");
    for arguments in [&["init", "-q", "."][..], &["add", "-A"], &["commit", "-qm", "one"], &["tag", "one"]] {
        bench.git(arguments);
    }
    bench.write(
        "base.yml",
        &std::fs::read_to_string(bench.at("work/base.yml")).unwrap().replace("host: db", "host: db2"),
    );
    bench.must(&["secrets", "rotate", "staging"], "", 0);
    bench.git(&["commit", "-qam", "two"]);
    bench
}

#[test]
fn no_command_leaks_in_any_form() {
    let mut bench = cage();
    bench.set("CONTEXT", "staging");
    let mut known = Vec::new();
    commands::known(&bench, &[], &mut known);
    commands::complete(&known);
    let mut wrong = Vec::new();
    for run in commands::RUNS {
        let forms = &commands::command_of(&known, run).forms;
        let each = if run.0.contains("{format}") { forms.as_slice() } else { &[String::new()] };
        for form in each {
            let words = run.0.replace("{format}", form);
            let output = bench.run(&words.split(' ').collect::<Vec<_>>(), run.1, run.3);
            let (code, said) = (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr));
            if !run.2.contains(&code) {
                wrong.push(format!("{words}: {code}\n{}\n{said}", String::from_utf8_lossy(&output.stdout)));
            }
        }
    }
    assert!(wrong.is_empty(), "other exit codes than meant:\n{}", wrong.join("\n"));
    assert!(bench.search() > 60);
    // What was looked for could be seen: the cache and the ledger were read through their packing, and what was to be
    // revealed was.
    for kept in ["work/.tenantctl/cache", "work/.tenantctl/releases"] {
        let mut files = Vec::new();
        bench::walk(&bench.at(kept), &mut files);
        let marked = |file: &std::path::PathBuf| {
            let texts = scanner::unpacked(&std::fs::read(file).unwrap());
            texts.iter().any(|text| String::from_utf8_lossy(text).contains(MARK))
        };
        assert!(files.iter().any(marked), "{kept}: {files:?}");
    }
    let calls = std::fs::read_to_string(bench.at("log/calls")).unwrap();
    assert!(calls.contains("kubectl --context kind-staging apply") && calls.contains("editor "), "{calls}");
    assert!(!calls.contains("SOPS_AGE_KEY="), "a program that is started gets the key");
    assert!(calls.lines().filter(|line| line.starts_with("drwx------") || line.starts_with("-rw-------")).count() >= 4);
    for revealed in ["elsewhere/read", "elsewhere/plain.yml", "elsewhere/out/staging/acme/manifest.yaml"] {
        assert!(bench.leak(&bench.at(revealed)).is_some(), "{revealed}");
    }
    assert_eq!(std::fs::read_dir(bench.at("run")).unwrap().count(), 0, "what was edited is gone");
}

/// What somebody may have put into a file of secrets, with secrets in it.
const BROKEN: [&str; 9] = [
    "database:\n  password: Kestrel7-Qv9+Zr4/Lm2\n",
    "database:\n  password: Kestrel7-Qv9+Zr4/Lm2\n wrong: x\n",
    "Kestrel7-Qv9+Zr4/Lm2\n",
    "database: {password: \"Kestrel7-Qv9+Zr4/Lm2\n",
    "- Kestrel7-Qv9+Zr4/Lm2\n- {a: &a Kestrel7-Qv9+Zr4/Lm2, b: *c}\n",
    "database: !secret Kestrel7-Qv9+Zr4/Lm2\nother: !Kestrel7-Qv9+Zr4/Lm2 x\n",
    "a: |\n\tKestrel7-Qv9+Zr4/Lm2\n%Kestrel7-Qv9+Zr4/Lm2\n",
    "a: Kestrel7-Qv9+Zr4/Lm2\n---\nb: Kestrel7-Qv9+Zr4/Lm2\n",
    "a: ENC[Kestrel7-Qv9+Zr4/Lm2]\nsops: {mac: Kestrel7-Qv9+Zr4/Lm2, lastmodified: Kestrel7-Qv9+Zr4/Lm2}\n",
];

#[test]
fn no_error_quotes_a_secret_in_any_form() {
    let mut bench = cage();
    bench.set("CONTEXT", "staging");
    let help = bench.must(&["validate", "-h"], "", 0);
    let forms = commands::values(&help, "--message-format <FORM>");
    assert!(forms.len() >= 7, "{forms:?}");
    let file = "environments/staging/secrets/_environment.yml";
    let sealed = std::fs::read_to_string(bench.at("work").join(file)).unwrap();
    let failing = |bench: &Bench, words: &str, input: &str, form: &str| {
        let words = format!("{words} --message-format {form} --message-file said.txt --message-file sarif=said.sarif");
        let output = bench.run(&words.split(' ').collect::<Vec<_>>(), input, May::Hide);
        assert_ne!(output.status.code(), Some(0), "{words}\n{}", String::from_utf8_lossy(&output.stdout));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("tenantctl is broken"), "{words}\n{said}");
    };
    let some = |number: usize| forms[number % forms.len()].as_str();

    // Files that somebody broke.
    let tampered = sealed.replacen("data:", "data:AAAA", 1);
    for (number, text) in BROKEN.into_iter().chain([tampered.as_str()]).enumerate() {
        bench.write(file, text);
        let all = if number < 2 { forms.as_slice() } else { &forms[number % forms.len()..=number % forms.len()] };
        for form in all {
            failing(&bench, "render staging --reveal-secrets", "", form);
        }
        for (other, words) in
            ["secrets get staging database.password", "secrets set staging a.b", "secrets rotate staging"]
                .into_iter()
                .enumerate()
        {
            failing(&bench, words, "Whimbrel-Half-Typed-91", some(number + other));
        }
        bench.run(&["secrets", "list", "staging"], "", May::Hide);
        bench.run(&["explain", &format!("{file}:2")], "", May::Hide);
        bench.run(&["validate", file], "", May::Hide);
        bench.run(&["lint"], "", May::Hide);
        bench.run(&["diff", "staging", "--against-rev", "one"], "", May::Hide);
        // What is in plain text is encrypted, or the file stays what it was.
        bench.run(&["secrets", "encrypt", file], "", May::Hide);
    }
    bench.write(file, &sealed);

    // What an editor left behind.
    for (number, text) in BROKEN.iter().enumerate().skip(1) {
        bench.write("edited.txt", text);
        bench.program("edit", "#!/bin/sh\ncat edited.txt > \"$1\"\n");
        let output = bench.run(&["secrets", "edit", "dev", "--message-format", some(number)], "", May::Hide);
        assert!(output.status.code().is_some());
    }
    std::fs::remove_file(bench.at("work/edited.txt")).unwrap();
    for editor in ["exit 3;", "rm", "w() { printf '\\377Kestrel7-Qv9+Zr4/Lm2' > \"$1\"; }; w", "no-such-editor"] {
        bench.set("EDITOR", editor);
        failing(&bench, "secrets edit staging", "", some(0));
    }

    // A secret where a name should be, a template beside that is broken, a value of another type, another key.
    failing(&bench, "secrets set staging Kestrel7-Qv9+Zr4/Lm2", "", some(0));
    bench.write("templates/tenant/broken.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ nothing }}\n");
    for form in &forms {
        failing(&bench, "render staging --reveal-secrets", "", form);
    }
    failing(&bench, "render prod", "", some(1));
    failing(&bench, "render staging --reveal-secrets -o ../elsewhere/broken", "", some(2));
    failing(&bench, "apply staging --reveal-secrets", "", some(2));
    assert!(!bench.at("elsewhere/broken").exists());
    for template in [
        "data: {x: {{ database.password }}}",
        "data: {x: \"a {{ database.password | upper }}\"}",
        "data: {x: {{ database | tojson }}}",
        "data: {x: \"{{ database.password | length }}\"}",
        "data: {x: \"{{ database.password | b64encode }}\"}",
        "data: {{ database }}",
        "data: {\"{{ token }}\": x}",
        "metadata: {name: {{ token }}}",
    ] {
        let object = "apiVersion: v1\nkind: ConfigMap\n";
        let metadata =
            if template.starts_with("metadata") { "" } else { "metadata: {name: x, namespace: {{ target.tenant }}}\n" };
        bench.write("templates/tenant/broken.yaml.j2", &format!("{object}{metadata}{template}\n"));
        failing(&bench, "render staging --reveal-secrets", "", some(0));
        let said = std::fs::read_to_string(bench.at("work/said.txt")).unwrap();
        // What the engine itself refuses to do with a secret has a code of its own.
        let told = said.contains("TC8") && said.contains("base.yml") || template.contains("length");
        assert!(told, "the way that the secret took is not told: {said}");
    }
    std::fs::remove_file(bench.at("work/templates/tenant/broken.yaml.j2")).unwrap();
    failing(&bench, "render staging --reveal-secrets --set database.password=3", "", some(0));
    let other =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sops/other-key.txt"));
    bench.set("SOPS_AGE_KEY", &other.unwrap());
    for words in
        ["render prod", "render staging --reveal-secrets", "secrets get prod database.password", "secrets edit prod"]
    {
        failing(&bench, words, "", some(0));
    }
    bench.set("SOPS_AGE_KEY", "Kestrel7-Qv9+Zr4/Lm2");
    failing(&bench, "render prod", "", some(0));
    std::fs::write(bench.at("home/keys"), "AGE-SECRET-KEY-1KESTREL7\n").unwrap();
    bench.set("SOPS_AGE_KEY_FILE", bench.at("home/keys").to_str().unwrap());
    failing(&bench, "render prod", "", some(0));
    assert!(bench.search() > 30);
}

/// Waits until a file is there.
fn wait_for(file: &std::path::Path) {
    let begin = std::time::Instant::now();
    while !file.exists() {
        assert!(begin.elapsed().as_secs() < 60, "{} does not come", file.display());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_killed_command_leaves_no_secret_but_in_the_private_file() {
    let bench = cage();
    let file = bench.at("work/environments/prod/secrets/_environment.yml");
    let before = std::fs::read(&file).unwrap();
    // Set: the value is half typed.
    let mut child =
        bench.command(&["secrets", "set", "prod", "database.password"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"Whimbrel-Half-Typed-91").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    child.kill().unwrap();
    child.wait().unwrap();
    drop(stdin);
    bench.search();
    for signal in ["TERM", "KILL"] {
        let seen = bench.at("elsewhere").join(signal);
        let script =
            format!("#!/bin/sh\necho changed >> \"$1\"\ncp \"$1\" \"$1~\"\ntouch {}\nexec sleep 60\n", seen.display());
        bench.program("edit", &script);
        let mut child = bench.command(&["secrets", "edit", "prod"]).stdin(Stdio::null()).spawn().unwrap();
        wait_for(&seen);
        let id = child.id().to_string();
        assert!(std::process::Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
        assert!(!child.wait().unwrap().success());
        assert_eq!(std::fs::read(&file).unwrap(), before, "{signal}");
        let mut left = Vec::new();
        bench::walk(&bench.at("run"), &mut left);
        if signal == "TERM" {
            assert!(left.is_empty(), "{left:?}");
        } else {
            // Nobody can wipe it any more: it is where nobody else may look, and in memory where the system has such a place.
            assert_eq!(left.len(), 2, "{left:?}");
            let folder = std::fs::metadata(left[0].parent().unwrap()).unwrap();
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&folder.permissions()) & 0o777, 0o700, "{left:?}");
            std::fs::remove_dir_all(bench.at("run")).unwrap();
        }
        bench.search();
    }
}
