//! Where a shared cache is: the parts of `TENANTCTL_CACHE_URL`. What is wrong with one is said without quoting it,
//! since it may hold a password.

use std::fmt;

/// The place of a shared cache. It is shown without user and password.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// `redis://[user:password@]host[:port][/database]`, or `rediss://` with TLS.
    Redis(Server),
    /// `s3://bucket[/prefix][?endpoint=URL][&region=NAME][&style=path|host]`.
    S3(Bucket),
}

/// A Redis server.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) tls: bool,
    /// A name, an IPv4 address or an IPv6 address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: u32,
}

/// A bucket, and where in it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) name: String,
    /// Without slashes at its ends; may be empty.
    pub(super) prefix: String,
    /// `http://..` or `https://..`.
    pub(super) endpoint: Option<String>,
    pub(super) region: Option<String>,
    /// Whether the bucket stands in the path of a URL, not in its host.
    pub(super) path_style: Option<bool>,
}

impl Address {
    /// Reads a URL; the error says what is wrong with it.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let known = "it does not begin with redis://, rediss:// or s3://";
        let (scheme, rest) = url.trim().split_once("://").ok_or(known)?;
        match scheme {
            "redis" => Server::parse(rest, false).map(Self::Redis),
            "rediss" => Server::parse(rest, true).map(Self::Redis),
            "s3" => Bucket::parse(rest).map(Self::S3),
            _ => Err(known.to_owned()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redis(Server { tls, host, port, .. }) => {
                let scheme = if *tls { "rediss" } else { "redis" };
                if host.contains(':') {
                    write!(f, "{scheme}://[{host}]:{port}")
                } else {
                    write!(f, "{scheme}://{host}:{port}")
                }
            }
            Self::S3(Bucket { name, prefix, .. }) if prefix.is_empty() => write!(f, "s3://{name}"),
            Self::S3(Bucket { name, prefix, .. }) => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

impl Server {
    fn parse(rest: &str, tls: bool) -> Result<Self, String> {
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, place) = match authority.rsplit_once('@') {
            Some((credentials, place)) => (Some(credentials), place),
            None => (None, authority),
        };
        let (user, password) = match credentials.map(|both| both.split_once(':').unwrap_or(("", both))) {
            Some((user, password)) => (decoded(user)?, decoded(password)?),
            None => (String::new(), String::new()),
        };
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => rest.split_once(']').ok_or("its host has no closing ]")?,
            None => place.split_at(place.find(':').unwrap_or(place.len())),
        };
        let name = |host: &str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:".contains(c));
        if host.is_empty() || !name(host) {
            return Err("it has no valid host; in a password, write / as %2F".to_owned());
        }
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => 6379,
            Some(port) => match port.parse() {
                Ok(port) if port > 0 => port,
                _ => return Err("its port is not a number; in a password, write / as %2F".to_owned()),
            },
            None => return Err("there is something between its host and its port".to_owned()),
        };
        let database = match database {
            "" => 0,
            number => number.parse().map_err(|_| "what follows the host is not the number of a database")?,
        };
        let given = |text: String| (!text.is_empty()).then_some(text);
        Ok(Self { tls, host: host.to_owned(), port, user: given(user), password: given(password), database })
    }
}

impl Bucket {
    fn parse(rest: &str) -> Result<Self, String> {
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
        if name.contains('@') {
            return Err("credentials do not belong there; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned());
        }
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c)) {
            return Err("it has no valid name of a bucket".to_owned());
        }
        let prefix = prefix.trim_matches('/');
        let part = |part: &str| {
            !matches!(part, "" | "." | "..") && part.chars().all(|c| c.is_ascii_alphanumeric() || ".-_=+~".contains(c))
        };
        if !prefix.is_empty() && !prefix.split('/').all(part) {
            return Err("its prefix has other characters than letters, digits and . - _ = + ~".to_owned());
        }
        let mut bucket =
            Self { name: name.to_owned(), prefix: prefix.to_owned(), endpoint: None, region: None, path_style: None };
        for (key, value) in query.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| pair.split_once('=')) {
            let value = decoded(value)?;
            match (key, value.as_str()) {
                ("endpoint", _) => bucket.endpoint = Some(value),
                ("region", _) => bucket.region = Some(value),
                ("style", "path") => bucket.path_style = Some(true),
                ("style", "host") => bucket.path_style = Some(false),
                ("style", _) => return Err("its style is neither path nor host".to_owned()),
                _ => return Err("after the ? it may have endpoint=, region= and style=, nothing else".to_owned()),
            }
        }
        Ok(bucket)
    }
}

/// A part with `%2F` and the like made characters.
fn decoded(part: &str) -> Result<String, String> {
    let wrong = "a % in it is not followed by two hexadecimal digits; write % itself as %25";
    let mut pieces = part.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).ok_or(wrong)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(wrong.to_owned());
        }
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Server {
        match Address::parse(url) {
            Ok(Address::Redis(server)) => server,
            Ok(other) => panic!("{url}: {other}"),
            Err(error) => panic!("{url}: {error}"),
        }
    }

    fn bucket(url: &str) -> Bucket {
        match Address::parse(url) {
            Ok(Address::S3(bucket)) => bucket,
            Ok(other) => panic!("{url}: {other}"),
            Err(error) => panic!("{url}: {error}"),
        }
    }

    #[test]
    fn a_redis_url_has_parts() {
        let plain = server("redis://cache");
        assert_eq!((plain.tls, plain.host.as_str(), plain.port, plain.database), (false, "cache", 6379, 0));
        assert_eq!((plain.user, plain.password), (None, None));
        let full = server("rediss://me:p%40s%2Fs@cache.example:6380/3");
        assert_eq!((full.tls, full.host.as_str(), full.port, full.database), (true, "cache.example", 6380, 3));
        assert_eq!((full.user.as_deref(), full.password.as_deref()), (Some("me"), Some("p@s/s")));
        let password = server("redis://:a@b:c?d#e@[::1]:7/");
        assert_eq!((password.user.as_deref(), password.password.as_deref()), (None, Some("a@b:c?d#e")));
        assert_eq!((password.host.as_str(), password.port), ("::1", 7));
    }

    #[test]
    fn an_s3_url_has_parts() {
        let plain = bucket("s3://builds");
        assert_eq!((plain.name.as_str(), plain.prefix.as_str(), plain.endpoint), ("builds", "", None));
        let full = bucket("s3://builds/a/b/?endpoint=http%3A//minio:9000&region=eu-west-1&style=path");
        assert_eq!((full.prefix.as_str(), full.endpoint.as_deref()), ("a/b", Some("http://minio:9000")));
        assert_eq!((full.region.as_deref(), full.path_style), (Some("eu-west-1"), Some(true)));
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        let shown = |url: &str| Address::parse(url).map(|address| address.to_string());
        assert_eq!(shown("redis://me:hunter2@h:1/9"), Ok("redis://h:1".to_owned()));
        assert_eq!(shown("rediss://:hunter2@[::1]"), Ok("rediss://[::1]:6379".to_owned()));
        assert_eq!(shown("s3://b/p?endpoint=https://e"), Ok("s3://b/p".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_said_without_quoting() {
        for url in [
            "hunter2",
            "http://hunter2",
            "redis://",
            "redis://:hunter2@",
            "redis://me:hunter2@/0",
            "redis://me:hunter2/x@host",
            "redis://:hunter2@host:0",
            "redis://:hunter2@host:hunter2",
            "redis://:hunter2@host/hunter2",
            "redis://:hunter2%@host",
            "redis://:hunter2%+1@host",
            "redis://:%FFhunter2@host",
            "redis://:hunter2@[::1",
            "redis://:hunter2@[::1]7",
            "redis://:hunter2@a host",
            "s3://",
            "s3://key:hunter2@bucket",
            "s3://bucket/../hunter2",
            "s3://bucket/a//hunter2",
            "s3://bucket?style=hunter2",
            "s3://bucket?hunter2=1",
        ] {
            let error = Address::parse(url).err().unwrap_or_else(|| panic!("{url} is taken"));
            assert!(!error.contains("hunter2"), "{url}: {error}");
        }
    }
}
