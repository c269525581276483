import Support

/// What one kernel's initramfs lacks.
struct InjectionPlan: Sendable, Hashable {
  /// Modules to add, dependencies included, each after what it needs.
  var modules: [ModuleName]
  /// Asked drivers that the kernel package does not have at all.
  var missing: [String]

  /// - Parameter present: Modules that the initramfs has and finds already.
  init(drivers: [String], index: ModuleIndex, present: Set<String>) {
    let names = drivers.map { ModuleName($0) }
    missing = drivers.filter { !index.has(ModuleName($0)) }
    var wanted = index.closure(of: names)
    // A SCSI host alone shows no disk. Nothing in a module's own dependencies says so: the kernel asks for the disk
    // driver when it finds one.
    let host = ModuleName("scsi_mod")
    if wanted.contains(host) || index.builtIn.contains(host) {
      for module in index.closure(of: [ModuleName("sd_mod")]) where !wanted.contains(module) { wanted.append(module) }
    }
    modules = wanted.filter { !present.contains($0.text) }
  }
}
