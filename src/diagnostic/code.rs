//! The codes of all findings. The hundred is the stage; each code has a page in `docs/codes`.

use std::fmt;

use super::Severity;

/// The code of a finding, printed as `TC301`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u16);

/// What is known about a code.
struct Known {
    code: Code,
    title: &'static str,
    page: &'static str,
}

macro_rules! codes {
    ($($name:ident $number:literal $title:literal)*) => {
        $(
            #[doc = $title]
            pub const $name: Code = Code($number);
        )*
        /// Every code, lowest first.
        static KNOWN: &[Known] = &[$(Known {
            code: $name,
            title: $title,
            page: include_str!(concat!("../../docs/codes/TC", $number, ".md")),
        }),*];
    };
}

codes! {
    UNREADABLE 101 "a file cannot be read"
    NO_WORKSPACE 102 "there is no workspace here"
    SETTINGS 103 "the workspace's settings are wrong"
    ENCODING 104 "a file is not UTF-8"
    SYNTAX 105 "a file is not valid YAML"
    DUPLICATE_KEY 106 "a key is written twice"
    AMBIGUOUS 107 "a plain scalar that YAML versions read differently"
    UNKNOWN_TAG 108 "a tag is not known"
    SEVERAL_DOCUMENTS 109 "a file holds several documents"
    KEY_KIND 110 "a key is not a string"
    LIMIT 111 "a file is beyond a limit"
    NUMBER_RANGE 112 "a number cannot be held exactly"
    UNKNOWN_ENVIRONMENT 113 "there is no such environment"
    UNKNOWN_TENANT 114 "there is no such tenant"
    UNKNOWN_OVERRIDE 115 "there is no such override"
    MISSING_FACT 116 "a fact that picks a layer is missing"
    MISSING_LAYER 117 "a layer's file is missing"
    EXTENDS_CYCLE 118 "files extend each other in a circle"
    RESERVED_KEY 119 "a reserved key has the wrong form"
    OUTSIDE 120 "a path leads out of the workspace"
    TENANT_ID 121 "a tenant's id is not a valid name"
    NOT_A_MAPPING 122 "a layer is not a mapping"
    BAD_PATH 123 "a path into the data cannot be read"
    UNKNOWN_PATH 124 "there is no value at this path"
    EXISTS 125 "a file exists already"
    UNKNOWN_CODE 126 "there is no such code"
    NO_REVISION 127 "there is no such revision"
    NO_REPOSITORY 128 "there is no git repository here"
    NO_GIT 129 "git cannot be run"
    NO_OUTPUT 130 "there is no output to compare with"
    NOTHING_TO_COMPARE 131 "nothing is named to compare with"
    UNKNOWN_LAYER 132 "there is no such layer"
    UNNAMED_FILE 150 "no layer names a file"
    UNUSED_FILE 151 "no target uses the file of a layer"
    KIND_CHANGED 201 "a layer changes the kind of a value"
    NOTHING_TO_UNSET 202 "there is nothing to unset or remove"
    BOUND 203 "a bound cannot be compared"
    TAG_MISPLACED 204 "a tag does not fit the value"
    EXPIRED 205 "an override has expired"
    REQUIRES 206 "an override requires another one"
    CONFLICTS 207 "overrides do not go together"
    OVERRIDES_DISAGREE 208 "two overrides set one path to different values"
    EXPRESSION_IN_DATA 209 "an expression in a tenant's file"
    EXPRESSION 210 "an expression cannot be read or evaluated"
    EXPRESSION_UNDEFINED 211 "an expression uses what is not there"
    EXPRESSION_CYCLE 212 "expressions depend on each other in a circle"
    RESTATED 250 "a value is equal to what it overrides"
    OVERRIDDEN 251 "a value is overridden in every target"
    IDLE_OVERRIDE 252 "an override changes nothing"
    OVERRIDE_EXPIRES 253 "an override expires soon, or has"
    TYPE 301 "a value has the wrong type"
    UNKNOWN_KEY 302 "a key is not known"
    REQUIRED 303 "a required key is missing"
    NOT_ALLOWED 304 "a value is not one of those allowed"
    RANGE 305 "a value is too small, too large, too short or too long"
    FORMAT 306 "a text does not have the form it must have"
    SCHEMA_RULE 307 "a value breaks a rule of its schema"
    LOCKED 310 "a layer sets what another one owns"
    BAD_SCHEMA 320 "a schema is wrong"
    SCHEMA_REF 321 "a schema refers to what is outside the workspace"
    EXCEPTION_EXPIRES 350 "an exception of a lock expires soon, or has"
    TEMPLATE_SYNTAX 401 "a template cannot be read"
    TEMPLATE_UNDEFINED 402 "a template uses what is not there"
    TEMPLATE_FAILED 403 "a template fails"
    RENDERED_SYNTAX 404 "a template's output is not valid YAML"
    TEMPLATE_LIMIT 405 "a template is beyond a limit"
    UNKNOWN_TEMPLATE 406 "there is no such template"
    VALUE_IN_FILE 407 "a value would not stay one in a file that is no manifest"
    TEMPLATE_PLACE 408 "a template of a file has no place in the output"
    UNREAD_KEY 450 "no template reads a key"
    UNUSED_TEMPLATE 451 "a template is never rendered"
    UNUSED_MACRO 452 "a macro is never used"
    NOT_AN_OBJECT 501 "a document is not a Kubernetes object"
    DUPLICATE_OBJECT 502 "an object is rendered twice"
    FOREIGN_NAMESPACE 503 "an object is outside its tenant's namespace"
    FOREIGN_CLUSTER_OBJECT 504 "a cluster-scoped object does not carry its tenant's id"
    SHARED_HOST 505 "two tenants claim one host"
    SHARED_NAMESPACE 506 "two tenants claim one namespace"
    UNKNOWN_FIELD 510 "an object has a field that its schema does not know"
    FIELD_TYPE 511 "a field of an object has the wrong type"
    FIELD_MISSING 512 "a field of an object is missing"
    FIELD_VALUE 513 "a field of an object has a value that is not allowed"
    DUPLICATE_ITEM 514 "two items of a list are the same"
    NO_SCHEMA 515 "there is no schema for a kind"
    API_DEPRECATED 516 "a version of an API is deprecated"
    API_REMOVED 517 "a version of an API is not served"
    FIELD_RULE 518 "an object does not meet a rule of its definition"
    BAD_CRD 519 "a CustomResourceDefinition is wrong"
    BAD_NAME 520 "a name, a label or an annotation that the API server refuses"
    SELECTOR 521 "a selector fits nothing, or not what it is for"
    REFERENCE 522 "an object needs what is not there"
    PORT 523 "a port is named that is not there"
    BOUNDS 524 "amounts that cannot hold together"
    QUOTA 525 "a quota does not cover what its pods request"
    EVICTION 526 "a disruption budget lets no pod be evicted"
    BAD_RULE 600 "a rule of the policy is wrong"
    POLICY 601 "an object breaks a rule of the policy"
    POLICY_CONFIGURATION 602 "the configuration breaks a rule of the policy"
    RULE_FAILED 603 "a rule of the policy cannot be evaluated"
    RULE_EXAMPLE 604 "an example of a rule comes out otherwise"
    UNKNOWN_RULE 605 "there is no such rule"
    PRICES 650 "prices are missing or wrong"
    OVERSIZED 651 "a container gets far more than it uses"
    UNDERSIZED 652 "a container is at its limit"
    USAGE 653 "a file of usage is wrong"
    UNUSED_USAGE 654 "usage is given of what is not there"
    UNWRITABLE 655 "a recommendation cannot be written"
    WAIVER 660 "a waiver is wrong"
    UNUSED_WAIVER 661 "a waiver covers nothing"
    WAIVER_EXPIRES 662 "a waiver expires soon, or has"
    BAD_REPORT 663 "a report cannot be read"
    REPORT_CHANGED 664 "a report was changed after it was made"
    NO_SUBJECT 665 "a report has no subject"
    UNKNOWN_FRAMEWORK 666 "there is no such framework"
    STALE_ADMISSION 667 "a policy of the API server is not what its rules say"
    CANNOT_WRITE 701 "the output cannot be written"
    EDITED 702 "a file of the output was edited by hand"
    PRUNE_REFUSED 703 "too many files would be removed"
    OUTPUT_LOCKED 704 "another run is writing to this directory"
    INVENTORY 705 "the inventory of the output cannot be read"
    CACHE 706 "a cached result is not what is made now"
    SCHEMAS_STALE 707 "the schemas for editors are not up to date"
    UNKNOWN_RELEASE 710 "there is no such release"
    LEDGER 711 "the ledger of releases was changed"
    STORED 712 "a stored file of a release is missing or was changed"
    FORKED 713 "two releases are the newest"
    LEDGER_LOCKED 714 "another run is writing to the ledger"
    AUTHOR 715 "nobody knows who makes a release"
    DOWNGRADE 716 "a rollback goes back to an older form"
    SIGNATURE 717 "a signature of the ledger is wrong or missing"
    CHECKPOINT 718 "a ledger does not fit a checkpoint"
    SIGNING_KEY 719 "a key cannot be used"
    MADE_OTHERWISE 720 "a release is not what its files make"
    CONTEXT 730 "the context of kubectl is not the environment's"
    KUBECTL 731 "kubectl could not do it"
    ROLLOUT 732 "a workload did not come up"
    SECRET_IN_TEMPLATE 801 "a secret becomes text"
    SEALED_FORM 802 "an encrypted file has the wrong form"
    SEALED_CHANGED 803 "an encrypted file was changed without its key"
    SEALED_PLAIN 804 "an encrypted file leaves in plain text what must be encrypted"
    SEALED_UNSUPPORTED 805 "an encrypted file needs what tenantctl does not have"
    NO_KEY 806 "there is no key to open an encrypted file"
    KEY_FILE 807 "what should hold keys does not"
    RECIPIENTS 808 "it is not said who can open secrets"
    UNKNOWN_SECRET 809 "there is no such secret"
    BAD_SECRET_NAME 810 "a secret cannot have a name"
    SECRET_AGE 811 "a secret is older than it may be"
    STALE_RECIPIENTS 812 "a file is encrypted to others than it should be"
    SINGLE_RECIPIENT 813 "a file of secrets can be opened with one key only"
    CERTIFICATE_EXPIRES 814 "a certificate expires soon, or has"
    PLAINTEXT_SECRET 815 "what looks like a secret stands in plain text"
    SECRET_FLOW 820 "a secret flows where it may not"
    FOREIGN_SECRET 822 "a tenant names a secret of the platform"
    REVEAL 823 "secrets cannot be revealed here"
    STALE_RECORD 824 "a secret was changed, and its file does not say so"
}

/// What `lint` finds.
pub const LINT: [Code; 10] = [
    UNNAMED_FILE,
    UNUSED_FILE,
    RESTATED,
    OVERRIDDEN,
    IDLE_OVERRIDE,
    OVERRIDE_EXPIRES,
    EXCEPTION_EXPIRES,
    UNREAD_KEY,
    UNUSED_TEMPLATE,
    UNUSED_MACRO,
];

/// What `secrets check` finds.
pub const SECRETS: [Code; 5] = [SECRET_AGE, STALE_RECIPIENTS, SINGLE_RECIPIENT, CERTIFICATE_EXPIRES, PLAINTEXT_SECRET];

/// What the settings may allow: what `lint` and `secrets check` find.
pub fn allowed() -> impl Iterator<Item = Code> {
    LINT.into_iter().chain(SECRETS)
}

impl Code {
    /// Every code, lowest first.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|known| known.code)
    }

    /// Reads `TC301`, `tc301` or `301`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("TC").or_else(|| text.strip_prefix("tc")).unwrap_or(text);
        let number: u16 = digits.parse().ok()?;
        KNOWN.iter().map(|known| known.code).find(|code| code.0 == number)
    }

    fn known(self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.code == self)
    }

    /// What the code is about, in a few words.
    pub fn title(self) -> &'static str {
        self.known().map_or("", |known| known.title)
    }

    /// The page that `tenantctl explain` shows: Markdown.
    pub fn page(self) -> &'static str {
        self.known().map_or("", |known| known.page)
    }

    /// The severity unless the workspace chose another.
    pub fn severity(self) -> Severity {
        match self {
            NOTHING_TO_UNSET | API_DEPRECATED | QUOTA | EVICTION | OVERSIZED | UNDERSIZED | UNUSED_USAGE
            | WAIVER_EXPIRES | STALE_ADMISSION | EDITED | SECRET_AGE | SINGLE_RECIPIENT | CERTIFICATE_EXPIRES => {
                Severity::Warning
            }
            _ if LINT.contains(&self) => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Whether a workspace may choose another severity. What leaves nothing to go on with, what guards a tenant's
    /// borders and what concerns secrets stays an error.
    pub fn can_be_lowered(self) -> bool {
        matches!(
            self,
            AMBIGUOUS
                | NOTHING_TO_UNSET
                | EXPIRED
                | UNKNOWN_KEY
                | NOT_ALLOWED
                | RANGE
                | FORMAT
                | SCHEMA_RULE
                | SELECTOR
                | REFERENCE
                | PORT
                | BOUNDS
                | QUOTA
                | EVICTION
                | OVERSIZED
                | UNDERSIZED
                | UNUSED_USAGE
                | UNKNOWN_FIELD
                | FIELD_VALUE
                | DUPLICATE_ITEM
                | NO_SCHEMA
                | API_DEPRECATED
                | API_REMOVED
                | BAD_CRD
                | EDITED
                | SECRET_AGE
                | SINGLE_RECIPIENT
                | CERTIFICATE_EXPIRES
        ) || LINT.contains(&self)
    }

    /// Whether a workspace may choose to hear nothing of it: what cannot be checked is no mistake.
    pub fn can_be_ignored(self) -> bool {
        matches!(self, NO_SCHEMA)
    }

    /// What a word such as `warning` makes of findings of this code: a severity, or `None` for nothing to be heard.
    /// No word that may be chosen for it gives nothing.
    pub fn level(self, word: &str) -> Option<Option<Severity>> {
        match word {
            "warning" => Some(Some(Severity::Warning)),
            "error" => Some(Some(Severity::Error)),
            "ignore" if self.can_be_ignored() => Some(None),
            _ => None,
        }
    }

    /// The words that [`Code::level`] knows for this code.
    pub fn levels(self) -> &'static str {
        if self.can_be_ignored() { "`warning`, `error` or `ignore`" } else { "`warning` or `error`" }
    }

    /// The exit code an error of this code calls for: 1 for the input, 2 for the machine, 4 for a missing key.
    pub fn exit_code(self) -> u8 {
        match self {
            NO_GIT | CANNOT_WRITE | OUTPUT_LOCKED | LEDGER_LOCKED | INVENTORY | CACHE | CONTEXT | KUBECTL => 2,
            NO_KEY | KEY_FILE => 4,
            _ => 1,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TC{:03}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_have_pages() {
        assert!(KNOWN.is_sorted_by(|a, b| a.code < b.code));
        for known in KNOWN {
            assert!(known.page.starts_with(&format!("# {}: {}\n", known.code, known.title)), "{}", known.code);
            assert!(known.page.lines().count() >= 8, "the page of {} says too little", known.code);
        }
    }

    #[test]
    fn codes_are_read_in_every_spelling() {
        assert_eq!(Code::parse("TC301"), Some(TYPE));
        assert_eq!(Code::parse("301"), Some(TYPE));
        assert_eq!(Code::parse("TC999"), None);
    }
}
