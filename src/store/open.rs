//! Opens a database file: finds out what it is before anything is changed, brings the schema up to date, makes the
//! connections.
//!
//! Only what this program made, an empty file, or no file at all is written to.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::statement::{APPLICATION, BEGIN_EXCLUSIVE, JOURNAL_MODE, MIGRATIONS, SCHEMA_VERSION, USE_WAL};
use super::{DatabaseError, OpenMode, StoreError, StoreOptions};

pub(super) static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Value of the header field that SQLite keeps for programs; set by the first migration.
const APPLICATION_ID: u32 = 1_937_010_790;
const READERS: u32 = 4;
/// How long one part of this process waits for another that writes.
const IN_PROCESS_WAIT: Duration = Duration::from_secs(120);

/// What stands at a path.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    NoTables,
    Ours,
}

pub(super) async fn open(
    path: &Path,
    mode: OpenMode,
    options: StoreOptions,
) -> Result<(Option<SqlitePool>, SqlitePool), StoreError> {
    let opening = Opening::new(path, options)?;
    match mode {
        OpenMode::ReadWrite => opening.read_write().await,
        OpenMode::ReadOnly => Ok((None, opening.read_only().await?)),
    }
}

struct Opening<'a> {
    /// As the user wrote it, for messages.
    path: &'a Path,
    /// The absolute path: SQLite would take a name that begins with `file:` for a URI.
    file: PathBuf,
    options: StoreOptions,
}

impl<'a> Opening<'a> {
    fn new(path: &'a Path, options: StoreOptions) -> Result<Opening<'a>, StoreError> {
        let file = std::path::absolute(path).map_err(|error| cannot_open(path, &error))?;
        Ok(Opening { path, file, options })
    }

    async fn read_write(&self) -> Result<(Option<SqlitePool>, SqlitePool), StoreError> {
        match self.look().await? {
            Found::Nothing if !self.file.parent().is_some_and(Path::is_dir) => {
                return Err(StoreError::NoFolder { path: self.path.to_path_buf() });
            }
            Found::Nothing => {}
            Found::NoTables | Found::Ours => self.check_writable()?,
        }
        let set_up = self.set_up().await;
        set_up.map_err(|error| self.explain_refused_write(error))?;
        let writer = pool(1, self.connect_options().synchronous(SqliteSynchronous::Normal));
        // The writer is first, so that readers find the side files of the WAL.
        drop(writer.acquire().await.map_err(|error| self.error(error))?);
        Ok((Some(writer), reader_pool(self.connect_options().read_only(true))))
    }

    async fn read_only(&self) -> Result<SqlitePool, StoreError> {
        match self.look().await? {
            Found::Nothing if !self.file.exists() => {
                return Err(StoreError::Missing { path: self.path.to_path_buf() });
            }
            Found::Nothing | Found::NoTables => {
                return Err(StoreError::Empty { path: self.path.to_path_buf() });
            }
            Found::Ours => {}
        }
        let options = self.connect_options().read_only(true);
        let (options, mut connection) = match self.connect(&options).await {
            // A WAL cannot be read without its side files, and here they cannot be made. With an empty WAL everything
            // is in the file itself, and nobody can write to it.
            Err(StoreError::CannotOpen { .. } | StoreError::ReadOnly { .. }) if !self.has_wal() => {
                let options = options.immutable(true);
                let connection = self.connect(&options).await?;
                (options, connection)
            }
            Err(StoreError::CannotOpen { .. } | StoreError::ReadOnly { .. }) if !folder_is_writable(&self.file) => {
                return Err(StoreError::NeedsRecovery { path: self.path.to_path_buf() });
            }
            other => (options, other?),
        };
        let found = self.version(&mut connection).await?;
        let needed = newest_version();
        if found != needed {
            return Err(self.version_error(found, needed));
        }
        connection.close().await.map_err(|error| self.error(error))?;
        Ok(reader_pool(options))
    }

    /// Looks at the path without changing anything.
    async fn look(&self) -> Result<Found, StoreError> {
        let path = self.path.to_path_buf();
        let header = match fs::metadata(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(cannot_open(self.path, &error)),
            Ok(metadata) if !metadata.is_file() => return Err(StoreError::NotAFile { path }),
            Ok(_) => read_header(&self.file).map_err(|error| cannot_open(self.path, &error))?,
        };
        if header.is_empty() {
            return Ok(Found::Nothing);
        }
        if !header.starts_with(b"SQLite format 3\0") {
            return Err(StoreError::NotADatabase { path });
        }
        if header.get(68..72) == Some(&APPLICATION_ID.to_be_bytes()) {
            return Ok(Found::Ours);
        }
        // The header says nothing yet if our first commit is still in the WAL. Without a WAL the file is opened as
        // immutable, so that no side files appear next to another program's database.
        let options = self.connect_options().read_only(true).immutable(!self.has_wal());
        let mut connection = self.connect(&options).await?;
        let (application, tables): (i64, i64) =
            sqlx::query_as(APPLICATION).fetch_one(&mut connection).await.map_err(|error| self.error(error))?;
        connection.close().await.map_err(|error| self.error(error))?;
        match (application == i64::from(APPLICATION_ID), tables) {
            (true, _) => Ok(Found::Ours),
            (false, 0) => Ok(Found::NoTables),
            (false, _) => Err(StoreError::Foreign { path }),
        }
    }

    /// Turns WAL mode on and brings the schema up to date. Of two processes that start together one does it and the
    /// other waits.
    async fn set_up(&self) -> Result<(), StoreError> {
        let options = self.connect_options().create_if_missing(true);
        let mut connection = self.connect(&options).await?;
        if self.is_current(&mut connection).await? {
            // The usual case takes no lock, so that a long transaction of another process holds up nobody here.
            return connection.close().await.map_err(|error| self.error(error));
        }
        self.use_wal(&mut connection).await?;
        let mut transaction = connection.begin_with(BEGIN_EXCLUSIVE).await.map_err(|error| self.error(error))?;
        let found = self.version(&mut transaction).await?;
        if found > newest_version() {
            return Err(self.version_error(found, newest_version()));
        }
        // Inside this transaction sqlx's own ones are savepoints: all migrations happen or none.
        MIGRATOR.run_direct(None, &mut *transaction, false).await.map_err(|error| self.migration_error(error))?;
        transaction.commit().await.map_err(|error| self.error(error))?;
        connection.close().await.map_err(|error| self.error(error))
    }

    /// Tells whether there is nothing to set up.
    async fn is_current(&self, connection: &mut SqliteConnection) -> Result<bool, StoreError> {
        if self.version(connection).await? != newest_version() {
            return Ok(false);
        }
        let applied: Vec<(i64, Vec<u8>)> =
            sqlx::query_as(MIGRATIONS).fetch_all(&mut *connection).await.map_err(|error| self.error(error))?;
        let known = MIGRATOR.iter().map(|migration| (migration.version, &*migration.checksum));
        let journal: String =
            sqlx::query_scalar(JOURNAL_MODE).fetch_one(connection).await.map_err(|error| self.error(error))?;
        Ok(journal == "wal" && applied.iter().map(|(version, sum)| (*version, sum.as_slice())).eq(known))
    }

    /// SQLite does not wait for a lock when the journal mode changes, so the wait is here.
    async fn use_wal(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let end = Instant::now() + self.options.busy_timeout;
        loop {
            match sqlx::query(USE_WAL).fetch_one(&mut *connection).await.map_err(|error| self.error(error)) {
                Err(StoreError::Busy { .. }) if Instant::now() < end => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                other => return other.map(|_| ()),
            }
        }
    }

    /// Gives the newest migration that was applied, 0 for none.
    async fn version(&self, connection: &mut SqliteConnection) -> Result<i64, StoreError> {
        match sqlx::query_scalar(SCHEMA_VERSION).fetch_one(connection).await {
            Ok(version) => Ok(version),
            Err(sqlx::Error::Database(error)) if error.message().starts_with("no such table") => Ok(0),
            Err(error) => Err(self.error(error)),
        }
    }

    fn connect_options(&self) -> SqliteConnectOptions {
        let options = SqliteConnectOptions::new()
            .filename(&self.file)
            .busy_timeout(self.options.busy_timeout)
            .foreign_keys(true)
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "-32768")
            .statement_cache_capacity(200)
            .disable_statement_logging();
        match self.options.max_pages {
            Some(pages) => options.pragma("max_page_count", pages.to_string()),
            None => options,
        }
    }

    async fn connect(&self, options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
        let mut connection = options.connect().await.map_err(|error| self.error(error))?;
        // SQLite opens lazily: only a read shows whether the file can be used.
        sqlx::query_scalar::<_, i64>(APPLICATION)
            .fetch_one(&mut connection)
            .await
            .map_err(|error| self.error(error))?;
        Ok(connection)
    }

    fn has_wal(&self) -> bool {
        let mut name = self.file.clone().into_os_string();
        name.push("-wal");
        fs::metadata(name).is_ok_and(|metadata| metadata.len() > 0)
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        match OpenOptions::new().write(true).open(&self.file) {
            Ok(_) => Ok(()),
            Err(error) if is_refused_write(&error) => Err(StoreError::ReadOnly { path: self.path.to_path_buf() }),
            Err(error) => Err(cannot_open(self.path, &error)),
        }
    }

    /// SQLite says "unable to open database file" where a folder cannot be written to.
    fn explain_refused_write(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::CannotOpen { .. } if !folder_is_writable(&self.file) => {
                StoreError::ReadOnly { path: self.path.to_path_buf() }
            }
            other => other,
        }
    }

    fn version_error(&self, found: i64, known: i64) -> StoreError {
        let path = self.path.to_path_buf();
        if found > known {
            StoreError::Newer { path, found, known }
        } else {
            StoreError::Older { path, found, needed: known }
        }
    }

    fn migration_error(&self, error: MigrateError) -> StoreError {
        let path = self.path.to_path_buf();
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => self.error(error),
            MigrateError::VersionMissing(version)
            | MigrateError::VersionMismatch(version)
            | MigrateError::Dirty(version) => StoreError::Altered { path, version },
            other => StoreError::Database { path, source: DatabaseError { code: None, message: other.to_string() } },
        }
    }

    fn error(&self, error: sqlx::Error) -> StoreError {
        StoreError::from_sqlx(self.path, self.options.busy_timeout, error)
    }
}

/// Gives the settings of a connection that writes to a database which was opened before.
pub(super) fn writer_options(path: &Path, options: StoreOptions) -> Result<SqliteConnectOptions, StoreError> {
    Ok(Opening::new(path, options)?.connect_options().synchronous(SqliteSynchronous::Normal))
}

fn reader_pool(options: SqliteConnectOptions) -> SqlitePool {
    pool(READERS, options.pragma("query_only", "ON"))
}

/// Connections are to a file: they are kept, and need no test before use.
fn pool(connections: u32, options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(IN_PROCESS_WAIT)
        .connect_lazy_with(options)
}

/// Gives the newest migration of this program.
pub(super) fn newest_version() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn read_header(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut header = Vec::new();
    File::open(file)?.take(100).read_to_end(&mut header)?;
    Ok(header)
}

fn is_refused_write(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// Tries it, because permission bits say little: a file system may be read-only, and root passes them by.
fn folder_is_writable(file: &Path) -> bool {
    let mut name = file.as_os_str().to_owned();
    name.push(format!("-probe-{}", std::process::id()));
    let created = OpenOptions::new().write(true).create_new(true).open(&name).is_ok();
    // A probe that cannot be removed is an empty file; nothing else can be done about it.
    let _ = created && fs::remove_file(&name).is_ok();
    created
}

pub(super) fn cannot_open(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::CannotOpen {
        path: path.to_path_buf(),
        source: DatabaseError { code: None, message: error.to_string() },
    }
}
