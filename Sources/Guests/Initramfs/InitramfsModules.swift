/// The modules of one kernel in an initramfs, and which of them what loads them there finds.
///
/// The path of a module in there need not be the guest's: mkinitcpio puts all into one folder, it and initramfs-tools
/// decompress them, and the index that is made then says so. What is added has to go by that index and not the guest's.
struct InitramfsModules: Sendable {
  /// Paths below the kernel's folder, by module.
  private var files: [ModuleName: [String]] = [:]
  private var paths: Set<String> = []
  /// Those that are there, the one of kmod first; busybox and what came before kmod read the text.
  private var indices: [ModuleIndex] = []

  init(_ contents: InitramfsContents, kernel: String) {
    for path in contents.modulePaths.sorted() {
      guard let name = ModuleName(path: path), let relative = InitramfsContents.relative(path, kernel) else { continue }
      files[name, default: []].append(relative)
      paths.insert(relative)
    }
    paths.formUnion(contents.moduleLinks.compactMap { InitramfsContents.relative($0, kernel) })
    let folder = contents.modulesFolder(for: kernel)
    if let bytes = contents.files["\(folder)/modules.dep.bin"] {
      let lines = (BinaryIndex.decode(bytes) ?? []).map(\.value)
      indices.append(ModuleIndex(dep: lines.joined(separator: "\n"), builtin: "", softdep: ""))
    }
    if let bytes = contents.files["\(folder)/modules.dep"] {
      indices.append(ModuleIndex(dep: String(decoding: bytes, as: UTF8.self), builtin: "", softdep: ""))
    }
  }

  /// Whether every index in there leads to the module's file and to those of all that it says the module needs. Without
  /// an index a file is loaded by a script that names it.
  func loads(_ module: ModuleName) -> Bool {
    guard !indices.isEmpty else { return files[module] != nil }
    return indices.allSatisfy { index in
      ([module] + (index.dependencies[module] ?? [])).allSatisfy { name in
        index.files[name].map(paths.contains) ?? false
      }
    }
  }

  /// Whether the driver is loaded, and all that the guest's own index says it needs.
  func starts(_ driver: String, _ guest: ModuleIndex) -> Bool {
    let module = ModuleName(driver)
    return loads(module) && guest.closure(of: [module], wishes: false).allSatisfy(loads)
  }

  /// All that `loads` says yes to.
  var loaded: Set<ModuleName> { Set(files.keys.filter(loads)) }

  /// Where the initramfs keeps a module of the guest that is added to it.
  ///
  /// One that is compressed stays so only where all that are in there are: a modprobe whose own modules were
  /// decompressed may come without the means to do it.
  ///
  /// - Parameter file: Its path in the guest's folder.
  /// - Returns: The path, and what it must be decompressed from.
  func place(of file: String) -> (path: String, from: SegmentKind?) {
    let kinds: [(String, SegmentKind)] = [(".ko.xz", .xz), (".ko.zst", .zstd), (".ko.gz", .gzip)]
    guard let (suffix, kind) = kinds.first(where: { file.hasSuffix($0.0) }) else { return (file, nil) }
    let present = files.values.joined()
    if !present.isEmpty, present.allSatisfy({ $0.hasSuffix(suffix) }) { return (file, nil) }
    return (String(file.dropLast(suffix.count)) + ".ko", kind)
  }

  /// An index of what is in there, and of what is added.
  ///
  /// What the initramfs' own says stays as it is; the guest's may know that a module needs more.
  ///
  /// - Parameter added: The paths of modules that are added.
  func index(adding added: [ModuleName: String], guest: ModuleIndex) -> ModuleIndex {
    var merged = ModuleIndex()
    func set(_ module: ModuleName, _ file: String, _ own: [ModuleName]) {
      let needs = guest.dependencies[module] ?? []
      let isSubset = Set(own).isSubset(of: needs)
      // The order is that of loading, from the last: the guest's is kept where it has all.
      merged.set(module, file: file, needs: isSubset ? needs : own + needs.filter { !own.contains($0) })
    }
    for index in indices {
      for (module, file) in index.files where merged.files[module] == nil && paths.contains(file) {
        set(module, file, index.dependencies[module] ?? [])
      }
    }
    for (module, found) in files where merged.files[module] == nil {
      // Where there are several the guest's place is right, or its usual one for what replaces a kernel's own.
      let known = guest.files[module]
      let file = found.first { $0 == known } ?? found.first { !$0.hasPrefix("kernel/") } ?? found.first
      if let file { set(module, file, []) }
    }
    for (module, file) in added { set(module, file, []) }
    return merged
  }
}
