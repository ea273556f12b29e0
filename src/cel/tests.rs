//! What expressions give.

use super::mentioned::FUNCTIONS;
use super::*;
use crate::diagnostic::Diagnostics;
use crate::source::Sources;
use crate::tree::Node;

const POD: &str = "
metadata:
  name: web
  labels: {app: web, tier: gold}
  annotations: null
spec:
  replicas: 3
  weight: 0.5
  with-dash: 1
  namespace: inner
  containers:
  - name: web
    image: registry.example.com/web:1.2
    resources: {limits: {cpu: 500m, memory: 1Gi}}
    securityContext: {capabilities: {drop: [ALL]}}
  - name: sidecar
    image: proxy
";

fn tree(text: &str) -> Node {
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let file = sources.add("pod.yml", text);
    Node::from(&crate::yaml::read_document(file, text, &crate::yaml::Limits::default(), &mut diagnostics).unwrap())
}

fn holds(text: &str, spelling: Spelling) -> Result<bool, String> {
    let root = tree(POD);
    let mut scope = Scope::new();
    scope.bind("object", &root, spelling);
    let expression = Expression::compile(text, &["object"]).map_err(|wrong| wrong.message)?;
    expression.holds(&scope).map_err(|failure| failure.0)
}

#[test]
fn every_function_is_declared_once() {
    declare(&mut Env::stdlib()).unwrap();
    for name in FUNCTIONS {
        let calls = [format!("{name}(1, 2, 3, 4, 5)"), format!("(1).{name}(1, 2, 3, 4, 5)")];
        let spaced = ["ip", "optional", "sets", "strings"].map(|space| format!("{space}.{name}(1, 2, 3, 4, 5)"));
        let known = calls.iter().chain(&spaced).any(|call| {
            let expression = Expression::compile(call, &[]).unwrap();
            !expression.holds(&Scope::new()).unwrap_err().0.contains("is not known here")
        });
        assert!(known, "{name}");
    }
}

#[test]
fn trees_are_what_they_are_in_the_language() {
    for text in [
        "object.metadata.name == 'web'",
        "object.spec.replicas == 3 && object.spec.replicas * 2 == 6",
        "type(object.spec.replicas) == int && type(object.metadata) == map && type(object.spec.containers) == list",
        "object.spec.weight < 1 && object.spec.weight * 2.0 == 1.0",
        "!has(object.metadata.annotations) && !('annotations' in object.metadata)",
        "object.metadata.?annotations.orValue({}).size() == 0",
        "object.?status.?phase.orValue('none') == 'none'",
        "object.spec.containers.size() == 2 && size(object.metadata) == 2",
        "object.spec.containers[0].securityContext.capabilities.drop == ['ALL']",
        "['ALL'] == object.spec.containers[0].securityContext.capabilities.drop",
        "object.metadata.labels == {'app': 'web', 'tier': 'gold'} && {'tier': 'gold', 'app': 'web'} == object.metadata.labels",
        "{'app': 'web'} != object.metadata.labels",
        "object.metadata.labels.all(key, object.metadata.labels[key] != '')",
        "object.spec.containers.exists(c, c.name == 'sidecar' && !has(c.resources))",
        "object.spec.containers.filter(c, has(c.resources)).map(c, c.name) == ['web']",
        "(object.spec.containers + [{'name': 'third'}]).size() == 3",
        "(object.spec.?initContainers.orValue([]) + object.spec.containers).size() == 2",
        "'ALL' in object.spec.containers[0].securityContext.capabilities.drop",
        "object.spec.containers.map(c, c.name).join(',') == 'web,sidecar'",
        "object.spec.containers == object.spec.containers",
    ] {
        assert_eq!(holds(text, Spelling::Plain), Ok(true), "{text}");
    }
}

#[test]
fn kubernetes_adds_functions() {
    for text in [
        "quantity(object.spec.containers[0].resources.limits.cpu).isLessThan(quantity('1'))",
        "quantity('1Gi').compareTo(quantity('1024Mi')) == 0 && quantity('1Gi') == quantity('1024Mi')",
        "quantity('1500m').add(1).sub(quantity('500m')).asInteger() == 2",
        "quantity('200M').isInteger() && !quantity('0.5').isInteger() && quantity('-1').sign() == -1",
        "isQuantity('20Mi') && !isQuantity('20 Mi')",
        "isIP('10.0.0.1') && !isIP('10.0.0.256') && !isIP('::ffff:10.0.0.1') && ip('::1').family() == 6",
        "ip('127.0.0.1').isLoopback() && ip('169.254.1.1').isLinkLocalUnicast() && ip('10.0.0.1').isGlobalUnicast()",
        "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP('11.0.0.1')",
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR('10.0.0.0/8')",
        "cidr('0.0.0.0/0').containsIP(ip('8.8.8.8')) && string(cidr('10.1.2.3/8').masked()) == '10.0.0.0/8'",
        "isCIDR('::/0') && !isCIDR('10.0.0.0/33') && cidr('fd00::/8').prefixLength() == 8",
        "url('https://user@example.com:8443/a/b?x=1&x=2&y=a+b').getHost() == 'example.com:8443'",
        "url('https://example.com:80/').getHostname() == 'example.com' && url('https://[::1]:80/').getHostname() == '::1'",
        "url('https://e.com/a%20b?x=1&x=2').getQuery() == {'x': ['1', '2']} && isURL('/path') && !isURL('not a url')",
        "sets.contains([1, 2, 3], [3, 1]) && sets.intersects([1], [1, 2]) && sets.equivalent([1, 1, 2], [2, 1])",
        "[1, 2, 3].sum() == 6 && [2, 1].min() == 1 && [0.5, 2.0].max() == 2.0 && [1, 2].isSorted() && ![2, 1].isSorted()",
        "[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && ['a'].indexOf('b') == -1",
        "'abc 123 45'.find('[0-9]+') == '123' && 'abc 123 45'.findAll('[0-9]+') == ['123', '45']",
        "'abc'.matches('^a.c$') && !'abc'.matches('^b')",
        "duration('1h') > duration('59m') && timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T00:00:01Z')",
        "'%s has %d'.format(['x', 3]) == 'x has 3' && 'A-b'.lowerAscii() == 'a-b' && 'a,b'.split(',').size() == 2",
    ] {
        assert_eq!(holds(text, Spelling::Plain), Ok(true), "{text}");
    }
}

#[test]
fn rules_of_custom_resources_spell_keys_their_own_way() {
    assert_eq!(holds("object.spec.with__dash__dash == 1", Spelling::Escaped), Ok(true));
    assert_eq!(holds("object.spec.__namespace__ == 'inner'", Spelling::Escaped), Ok(true));
    assert_eq!(holds("has(object.spec.__namespace__)", Spelling::Plain), Ok(false));
}

#[test]
fn what_is_wrong_is_shown_where_it_is() {
    let wrong = |text: &str| Expression::compile(text, &["object"]).unwrap_err();
    assert_eq!(
        wrong("objekt.spec == 1"),
        Wrong { at: Some((1, 1)), message: "`objekt` is not known here; did you mean `object`?".to_owned() }
    );
    assert_eq!(
        wrong("object.name.startWith('a')"),
        Wrong { at: Some((1, 13)), message: "there is no function `startWith`; did you mean `startsWith`?".to_owned() }
    );
    assert_eq!(wrong("object.spec ==").at, Some((1, 15)));
    assert_eq!(wrong("true &&\n  (object.spec").at.map(|(line, _)| line), Some(2));
    assert!(wrong(&"(".repeat(20_000)).message.contains("longer"));
}

#[test]
fn deep_expressions_end() {
    let deep = || {
        let length = 16_000;
        for text in [
            "(".repeat(length),
            "[".repeat(length),
            "!".repeat(length) + "true",
            "-".repeat(length) + "1",
            format!("object{}", ".a".repeat(length / 2)),
            format!("object{}", "[0]".repeat(length / 3)),
            format!("1{}", " + 1".repeat(length / 4)),
            format!("true{}", " && true".repeat(length / 8)),
            format!("{}true", "true ? true : ".repeat(length / 14)),
            format!("{}object{}", "object.all(a, ".repeat(length / 20), ")".repeat(length / 20)),
        ] {
            let root = tree(POD);
            let mut scope = Scope::new();
            scope.bind("object", &root, Spelling::Plain);
            if let Ok(expression) = Expression::compile(&text, &["object"]) {
                drop(expression.holds(&scope));
            }
        }
    };
    // As all of the program runs.
    std::thread::Builder::new().stack_size(crate::pipeline::STACK).spawn(deep).unwrap().join().unwrap();
}

#[test]
fn an_evaluation_that_comes_to_nothing_says_why_without_values() {
    assert_eq!(holds("object.spec.missing == 1", Spelling::Plain), Err("there is no key `missing`".to_owned()));
    assert_eq!(holds("object.metadata.name > 3", Spelling::Plain), Err("`_>_` does not take (string, int)".to_owned()));
    assert_eq!(holds("object.metadata.name", Spelling::Plain), Err("it gives string, not a boolean".to_owned()));
    assert!(holds("quantity(object.metadata.name).isInteger()", Spelling::Plain).unwrap_err().contains("no quantity"));
    assert!(holds("'a'.matches('(')", Spelling::Plain).unwrap_err().contains("no regular expression"));
}

#[test]
fn loops_within_loops_end() {
    let long = format!("[{}]", vec!["1"; 1_000].join(","));
    let nested = format!("{long}.all(a, {long}.all(b, {long}.all(c, a == b)))");
    assert!(holds(&nested, Spelling::Plain).unwrap_err().contains("turns"));
    // The next evaluation has all its turns.
    assert_eq!(holds("[1, 2].all(a, a > 0)", Spelling::Plain), Ok(true));
}

#[test]
fn variables_may_use_those_before_them() {
    let root = tree(POD);
    let names = ["object", "variables"];
    let variables: Vec<(String, Expression)> =
        [("containers", "object.spec.containers"), ("names", "variables.containers.map(c, c.name)")]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), Expression::compile(text, &names).unwrap()))
            .collect();
    let mut scope = Scope::new();
    scope.bind("object", &root, Spelling::Plain);
    scope.bind_variables(&variables).unwrap();
    let expression = Expression::compile(
        "variables.names == ['web', 'sidecar'] && variables.containers[1].name == 'sidecar'",
        &names,
    );
    assert_eq!(expression.unwrap().holds(&scope), Ok(true));
    let message = Expression::compile("'containers: ' + variables.names.join(', ')", &names).unwrap();
    assert_eq!(message.text(&scope).as_deref(), Ok("containers: web, sidecar"));
}
