//! What was released, when, by whom and from what: a ledger that shows when somebody changed it.
//!
//! In go the documents of a settled run, out comes an [`Entry`] in `.tenantctl/releases/<environment>` and the stored texts
//! beside it. Each entry names the hash of the one before it, and a digest of every file it was made from and of every
//! text it made. What was removed, moved or edited is seen by [`Audit`]; it can be seen, not prevented. Rendered output
//! never depends on anything here.

mod again;
mod audit;
mod author;
mod book;
mod checkpoint;
mod comparison;
mod digest;
mod downgrade;
mod draft;
mod entry;
mod flaw;
mod ledger;
mod merkle;
mod number;
pub mod page;
mod prune;
mod rollback;
mod secrecy;
pub mod signature;
mod signing;
mod stamp;
mod store;

pub use again::render;
pub use audit::{Audit, texts};
pub use author::Author;
pub use book::Book;
pub use checkpoint::Checkpoint;
pub use comparison::comparison;
pub use digest::Digest;
pub use draft::{Draft, Drafted};
pub use entry::{Action, Blob, Entry, FORM, Made, Reference, Release, Source};
pub use flaw::Flaw;
pub use ledger::{FOLDER, Ledger, Sealed};
pub use number::Number;
pub use prune::Prune;
pub use rollback::Restored;
pub use signing::{Signed, Signing};
pub use stamp::Stamp;
pub use store::{Damage, object, text};
