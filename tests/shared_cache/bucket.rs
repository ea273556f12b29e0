//! A service that speaks as much of S3 as a cache needs: objects of one bucket, got and put by signed URLs.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A running service.
pub(super) struct Service {
    place: String,
    objects: Objects,
}

impl Service {
    pub(super) fn start(bucket: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (place, objects) = (listener.local_addr().unwrap().to_string(), Objects::default());
        let kept = Arc::clone(&objects);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                // The other side ends a connection when it has enough.
                thread::spawn(move || while answer(&stream, bucket, &kept).is_ok() {});
            }
        });
        Self { place, objects }
    }

    /// Host and port.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// The names of all objects.
    pub(super) fn names(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }
}

/// Answers one request.
fn answer(mut stream: &TcpStream, bucket: &str, objects: &Objects) -> io::Result<()> {
    let mut request = BufReader::new(stream);
    let mut first = String::new();
    if request.read_line(&mut first)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        request.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    request.read_exact(&mut body)?;
    let mut parts = first.split(' ');
    let (method, url) = (parts.next().unwrap(), parts.next().unwrap());
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let signed = ["X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=someone%2F", "X-Amz-Signature="];
    let error = |code: &str| format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>").into_bytes();
    let mut objects = objects.lock().unwrap();
    let (status, body) = match (method, path.strip_prefix(&format!("/{bucket}/"))) {
        _ if !signed.iter().all(|part| query.contains(part)) => (403, error("AccessDenied")),
        (_, None) => (404, error("NoSuchBucket")),
        ("PUT", Some(name)) => {
            objects.insert(name.to_owned(), body);
            (200, Vec::new())
        }
        (_, Some(name)) => objects.get(name).map_or_else(|| (404, error("NoSuchKey")), |body| (200, body.clone())),
    };
    stream.write_all(format!("HTTP/1.1 {status} -\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes())?;
    stream.write_all(&body)
}
