//! The modules of a search path: which constants they declare, and on which axioms each rests.
//!
//! Imports are trusted to be what the user's project compiled, but not to be free of axioms: a project may hold `sorry`.
//! Reading them is lazy and kept: a module's names are noted when it is first imported, a constant's axioms when they
//! are first asked for. The files themselves are read again when needed; only the last ones stay in memory.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::constant::{Constant, KindTag};
use super::error::OleanError;
use super::module::Module;
use super::name::{Name, NameKey, Part};
use super::term::Terms;

/// Bytes of the largest file that is read, those of one module taken one by one.
const LARGEST_FILE: u64 = 1 << 30;
/// Bytes of files that stay in memory.
const KEPT_BYTES: u64 = 512 << 20;

type ModuleId = usize;

/// A constant by its module and its place there.
type Place = (ModuleId, usize);

/// Full names of axioms.
pub type Axioms = BTreeSet<Name>;

#[derive(Debug)]
struct Known {
    path: PathBuf,
    /// Length and time of the files, as they were when the names were noted.
    stamp: Stamp,
    imports: Vec<Name>,
}

/// The constants in reach of some imports.
#[derive(Debug, Clone)]
pub struct Scope(Arc<HashSet<ModuleId>>);

/// The modules of a search path. Opened once and shared, so that each file is looked through once.
#[derive(Debug)]
pub struct Library {
    search: Vec<PathBuf>,
    modules: Vec<Known>,
    by_name: HashMap<Name, ModuleId>,
    /// Where constants are; modules that are never imported together may declare the same one.
    places: HashMap<NameKey, Vec<Place>>,
    axioms: HashMap<Place, Arc<Axioms>>,
    loaded: HashMap<ModuleId, Arc<Module>>,
    loaded_bytes: u64,
}

fn in_file(path: &Path) -> impl FnOnce(OleanError) -> OleanError + use<> {
    let path = path.to_owned();
    move |error| match error {
        named @ (OleanError::Io { .. }
        | OleanError::TooLarge { .. }
        | OleanError::Changed { .. }
        | OleanError::NoModule(_)
        | OleanError::In { .. }) => named,
        inner => OleanError::In { path, source: Box::new(inner) },
    }
}

/// Gives a module's files in the order of their address space.
fn files_of(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let more = ["olean.server", "olean.private"].map(|extension| path.with_extension(extension));
    [path.to_owned()].into_iter().chain(more.into_iter().filter(|path| path.is_file()))
}

type Stamp = Vec<(u64, Option<SystemTime>)>;

fn read_files(path: &Path) -> Result<(Stamp, Vec<Vec<u8>>), OleanError> {
    let mut stamp = Vec::new();
    let mut files = Vec::new();
    for path in files_of(path) {
        let io = |source| OleanError::Io { path: path.clone(), source };
        let metadata = std::fs::metadata(&path).map_err(io)?;
        if metadata.len() > LARGEST_FILE {
            return Err(OleanError::TooLarge { path, bytes: metadata.len(), limit: LARGEST_FILE });
        }
        stamp.push((metadata.len(), metadata.modified().ok()));
        files.push(std::fs::read(&path).map_err(io)?);
    }
    Ok((stamp, files))
}

impl Library {
    /// Makes a library of the folders that hold compiled files; a module is taken from the first that has it.
    #[must_use]
    pub fn new(search: Vec<PathBuf>) -> Library {
        Library {
            search,
            modules: Vec::new(),
            by_name: HashMap::new(),
            places: HashMap::new(),
            axioms: HashMap::new(),
            loaded: HashMap::new(),
            loaded_bytes: 0,
        }
    }

    fn path_of(&self, module: &Name) -> Result<PathBuf, OleanError> {
        let missing = || OleanError::NoModule(module.to_string());
        let mut relative = PathBuf::new();
        for part in module.parts() {
            match part {
                // A part is one step downwards, whatever it holds.
                Part::Text(text) if !text.is_empty() && !text.contains(['/', '\\', '\0']) && &**text != ".." => {
                    relative.push(&**text);
                }
                _ => return Err(missing()),
            }
        }
        if relative.as_os_str().is_empty() {
            return Err(missing());
        }
        relative.as_mut_os_string().push(".olean");
        self.search.iter().map(|folder| folder.join(&relative)).find(|path| path.is_file()).ok_or_else(missing)
    }

    /// Reads the names of some modules and of all that they import, and gives the scope that they make.
    ///
    /// # Errors
    /// Fails when a module is missing, or its file cannot be read.
    pub fn scope(&mut self, imports: &[Name]) -> Result<Scope, OleanError> {
        let mut scope = HashSet::new();
        let mut work: Vec<Name> = imports.to_vec();
        while let Some(name) = work.pop() {
            let id = match self.by_name.get(&name) {
                Some(id) => *id,
                None => self.note(name)?,
            };
            if scope.insert(id) {
                work.extend(self.modules.get(id).into_iter().flat_map(|known| known.imports.iter().cloned()));
            }
        }
        Ok(Scope(Arc::new(scope)))
    }

    /// Reads a module and notes what it declares.
    fn note(&mut self, name: Name) -> Result<ModuleId, OleanError> {
        let path = self.path_of(&name)?;
        let (stamp, files) = read_files(&path)?;
        let module = Module::read(files).map_err(in_file(&path))?;
        let id = self.modules.len();
        for (index, declared) in module.declared().iter().enumerate() {
            self.places.entry(declared.name.key()).or_default().push((id, index));
        }
        self.modules.push(Known { path, stamp, imports: module.imports().to_vec() });
        self.by_name.insert(name, id);
        self.keep(id, Arc::new(module));
        Ok(id)
    }

    fn keep(&mut self, id: ModuleId, module: Arc<Module>) {
        let bytes: u64 = self.modules.get(id).map_or(0, |known| known.stamp.iter().map(|(bytes, _)| bytes).sum());
        if self.loaded_bytes + bytes > KEPT_BYTES {
            self.loaded.clear();
            self.loaded_bytes = 0;
        }
        self.loaded_bytes += bytes;
        self.loaded.insert(id, module);
    }

    fn module(&mut self, id: ModuleId) -> Result<Arc<Module>, OleanError> {
        if let Some(module) = self.loaded.get(&id) {
            return Ok(Arc::clone(module));
        }
        let known = self.modules.get(id).ok_or(OleanError::TooMuchWork)?;
        let (stamp, files) = read_files(&known.path)?;
        if stamp != known.stamp {
            return Err(OleanError::Changed { path: known.path.clone() });
        }
        let module = Arc::new(Module::read(files).map_err(in_file(&known.path))?);
        self.keep(id, Arc::clone(&module));
        Ok(module)
    }

    fn place(&self, scope: &Scope, name: &Name) -> Option<Place> {
        self.places.get(&name.key())?.iter().find(|(module, _)| scope.0.contains(module)).copied()
    }

    /// Tells whether a module of the scope declares this constant.
    #[must_use]
    pub fn declares(&self, scope: &Scope, name: &Name) -> bool {
        self.place(scope, name).is_some()
    }

    /// Reads a constant of the scope.
    ///
    /// # Errors
    /// Fails when it is not there, or its file cannot be read.
    pub fn constant(&mut self, scope: &Scope, name: &Name, terms: &mut Terms) -> Result<Constant, OleanError> {
        let missing = || OleanError::NoConstant(name.to_string());
        let (id, _) = self.place(scope, name).ok_or_else(missing)?;
        let module = self.module(id)?;
        module.reader().constant(name, terms)?.ok_or_else(missing)
    }

    /// Gives the axioms that a constant of the scope rests on.
    ///
    /// # Errors
    /// Fails when it, or a constant that it refers to, is not there, or a file cannot be read.
    pub fn axioms(&mut self, scope: &Scope, name: &Name) -> Result<Arc<Axioms>, OleanError> {
        let root = self.place(scope, name).ok_or_else(|| OleanError::NoConstant(name.to_string()))?;
        if let Some(axioms) = self.axioms.get(&root) {
            return Ok(Arc::clone(axioms));
        }
        // Constants refer to each other only within a block of inductive types; all of a strongly connected part rest
        // on the same axioms (Tarjan's algorithm, with a stack of its own).
        let mut walk = Walk::default();
        self.enter(&mut walk, scope, root)?;
        while let Some(frame) = walk.frames.last_mut() {
            let Some(next) = frame.references.pop() else {
                self.leave(&mut walk);
                continue;
            };
            if let Some(axioms) = self.axioms.get(&next) {
                frame.axioms.extend(axioms.iter().cloned());
            } else if let Some(order) = walk.orders.get(&next) {
                frame.lowest = frame.lowest.min(*order);
            } else {
                self.enter(&mut walk, scope, next)?;
            }
        }
        self.axioms.get(&root).cloned().ok_or_else(|| OleanError::NoConstant(name.to_string()))
    }

    fn enter(&mut self, walk: &mut Walk, scope: &Scope, place: Place) -> Result<(), OleanError> {
        let module = self.module(place.0)?;
        let path = self.modules.get(place.0).map(|known| known.path.clone()).unwrap_or_default();
        let declared = module.declared().get(place.1).ok_or(OleanError::TooMuchWork)?;
        let names = module.reader().references(declared).map_err(in_file(&path))?;
        let mut references = Vec::with_capacity(names.len());
        for name in names {
            references.push(self.place(scope, &name).ok_or_else(|| OleanError::NoConstant(name.to_string()))?);
        }
        let mut axioms = Axioms::new();
        if declared.kind == KindTag::Axiom {
            axioms.insert(declared.name.clone());
        }
        let order = walk.orders.len();
        walk.orders.insert(place, order);
        walk.open.push(place);
        walk.frames.push(Frame { place, order, lowest: order, references, axioms });
        Ok(())
    }

    fn leave(&mut self, walk: &mut Walk) {
        let Some(frame) = walk.frames.pop() else { return };
        if frame.lowest == frame.order {
            let axioms = Arc::new(frame.axioms.clone());
            while let Some(place) = walk.open.pop() {
                self.axioms.insert(place, Arc::clone(&axioms));
                if place == frame.place {
                    break;
                }
            }
        }
        if let Some(parent) = walk.frames.last_mut() {
            parent.lowest = parent.lowest.min(frame.lowest);
            parent.axioms.extend(frame.axioms);
        }
    }
}

/// A walk over constants that are in work.
#[derive(Default)]
struct Walk {
    orders: HashMap<Place, usize>,
    open: Vec<Place>,
    frames: Vec<Frame>,
}

struct Frame {
    place: Place,
    order: usize,
    lowest: usize,
    references: Vec<Place>,
    axioms: Axioms,
}

/// What a constant of a module rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// Axioms, those of imports included.
    pub axioms: Axioms,
    /// Constants of the module itself, the first one included.
    pub own: BTreeSet<Name>,
    /// Constants of the imports that are referred to directly.
    pub imported: BTreeSet<Name>,
}

/// Walks from a constant of a module over all that it refers to.
///
/// # Errors
/// Fails when a constant is declared nowhere, or a file cannot be read.
pub fn closure(library: &mut Library, scope: &Scope, module: &Module, name: &Name) -> Result<Closure, OleanError> {
    let mut reader = module.reader();
    let mut closure = Closure { axioms: Axioms::new(), own: BTreeSet::new(), imported: BTreeSet::new() };
    let mut work = vec![name.clone()];
    while let Some(name) = work.pop() {
        let Some(declared) = module.find(&name) else {
            if closure.imported.insert(name.clone()) {
                closure.axioms.extend(library.axioms(scope, &name)?.iter().cloned());
            }
            continue;
        };
        if closure.own.insert(name.clone()) {
            if declared.kind == KindTag::Axiom {
                closure.axioms.insert(name);
            }
            work.extend(reader.references(declared)?);
        }
    }
    Ok(closure)
}
