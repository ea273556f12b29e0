//! Entries in a bucket of any service that speaks S3. What is old is removed by a rule of the bucket's.
//!
//! Requests are signed in their URL, which is therefore never shown.

use std::fmt;
use std::io;
use std::time::Duration;

use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use ureq::http::Response;
use ureq::{Agent, Body, Error};

use super::remote::{LARGEST, NAMES, PATIENCE};
use super::{Key, Store, address, tls};
use crate::world::World;

/// How long a signature holds: clocks may differ.
const VALID: Duration = Duration::from_mins(5);
/// Bytes of the text of a refusal that are read.
const TEXT: u64 = 64 * 1024;
/// Connections that are kept: one for each thread that waits.
const IDLE: usize = 32;

/// A bucket, and where in it.
pub(super) struct S3 {
    bucket: Bucket,
    credentials: Credentials,
    /// What names begin with.
    prefix: String,
    agent: Agent,
}

impl S3 {
    /// Credentials, and what the address leaves open, come from the variables that all programs for S3 know.
    pub(super) fn new(address: address::Bucket, world: &dyn World) -> Result<Self, String> {
        let variable = |name: &str| world.variable(name);
        let (Some(id), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) else {
            return Err("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set".to_owned());
        };
        let credentials = match variable("AWS_SESSION_TOKEN") {
            Some(token) => Credentials::new_with_token(id, secret, token),
            None => Credentials::new(id, secret),
        };
        let region = address.region.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
        let endpoint = address.endpoint.or_else(|| variable("AWS_ENDPOINT_URL"));
        // A service of one's own has one region and one name.
        let path_style = address.path_style.unwrap_or(endpoint.is_some());
        let (endpoint, region) = match (endpoint, region) {
            (Some(endpoint), region) => (endpoint, region.unwrap_or_else(|| "us-east-1".to_owned())),
            (None, Some(region)) => (format!("https://s3.{region}.amazonaws.com"), region),
            (None, None) => {
                return Err("the bucket's region is not known; write ?region=NAME, or set AWS_REGION".to_owned());
            }
        };
        let tls = endpoint.starts_with("https:");
        let wrong = "the endpoint is not a URL like https://s3.example.com";
        let endpoint = endpoint.parse().map_err(|_| wrong)?;
        let style = if path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let bucket = Bucket::new(endpoint, style, address.name, region).map_err(|_| wrong)?;
        let prefix = if address.prefix.is_empty() { NAMES.to_owned() } else { format!("{}/{NAMES}", address.prefix) };
        Ok(Self { bucket, credentials, prefix, agent: agent(tls) })
    }
}

fn agent(tls: bool) -> Agent {
    let mut settings = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        // What is signed is for one place.
        .max_redirects(0)
        .max_idle_connections(IDLE)
        .max_idle_connections_per_host(IDLE)
        .user_agent("tenantctl");
    if tls {
        settings = settings.tls_config(tls::http());
    }
    settings.build().into()
}

impl Store for S3 {
    fn get(&self, key: &Key) -> io::Result<Option<Vec<u8>>> {
        let name = format!("{}{key}", self.prefix);
        let url = self.bucket.get_object(Some(&self.credentials), &name).sign(VALID);
        let mut answer = self.agent.get(url.as_str()).call().map_err(|error| failure(&error))?;
        match answer.status().as_u16() {
            200 => {
                let bytes = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
                bytes.map(Some).map_err(|error| failure(&error))
            }
            404 if refusal(&mut answer) != "NoSuchBucket" => Ok(None),
            404 => Err(io::Error::other("there is no such bucket")),
            status => Err(io::Error::other(refused(status, &refusal(&mut answer)))),
        }
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        let name = format!("{}{key}", self.prefix);
        let url = self.bucket.put_object(Some(&self.credentials), &name).sign(VALID);
        let mut answer = self.agent.put(url.as_str()).send(bytes).map_err(|error| failure(&error))?;
        let code = refusal(&mut answer);
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status => Err(io::Error::other(refused(status, &code))),
        }
    }
}

/// Without the secret.
impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").field("bucket", &self.bucket.name()).finish_non_exhaustive()
    }
}

/// The code in the text of a refusal, such as `AccessDenied`; empty if there is none.
fn refusal(answer: &mut Response<Body>) -> String {
    let text = answer.body_mut().with_config().limit(TEXT).read_to_vec().unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    code.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

fn refused(status: u16, code: &str) -> String {
    let code = if code.is_empty() { String::new() } else { format!(", {code}") };
    let help = match status {
        301 | 307 => ": the bucket is in another region",
        403 => ": it takes s3:GetObject and s3:ListBucket to read, and s3:PutObject to write",
        _ => "",
    };
    format!("HTTP status {status}{code}{help}")
}

/// What became of a request. The texts of others may hold its URL.
fn failure(error: &Error) -> io::Error {
    match error {
        Error::Timeout(_) => io::ErrorKind::TimedOut.into(),
        Error::HostNotFound => io::Error::other("there is no such host"),
        Error::BodyExceedsLimit(_) => io::Error::other("it answers with more than 64 MiB"),
        Error::Rustls(error) => io::Error::other(error.to_string()),
        Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => io::Error::other("the proxy lets nobody through"),
        Error::Io(error) if error.raw_os_error().is_some() => {
            error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
        }
        // The system's resolver has no kind of error for it.
        Error::Io(error) if error.to_string().starts_with("failed to lookup address") => {
            io::Error::other("there is no such host")
        }
        Error::Io(error) => match error.get_ref() {
            // Such as what is wrong with a certificate.
            Some(inner) => io::Error::new(error.kind(), inner.to_string()),
            None => error.kind().into(),
        },
        _ => io::Error::other("it does not answer as S3 does"),
    }
}
