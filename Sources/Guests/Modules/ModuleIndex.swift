/// What depmod wrote for one kernel: where its modules are and what they need.
struct ModuleIndex: Sendable {
  /// File of each module, relative to the kernel's modules folder.
  private(set) var files: [ModuleName: String] = [:]
  /// Modules that must be there too, from `modules.dep`.
  private(set) var dependencies: [ModuleName: [ModuleName]] = [:]
  /// Modules that should be loaded with it where they exist, from `modules.softdep`.
  private(set) var wishes: [ModuleName: [ModuleName]] = [:]
  private(set) var builtIn: Set<ModuleName> = []
  /// Old depmods write whole paths (`/lib/modules/…`), and what reads their index expects them.
  private(set) var hasWholePaths = false

  /// One without modules.
  init() {}

  /// - Parameters:
  ///   - dep: `modules.dep`: `kernel/a/b.ko: kernel/c/d.ko kernel/e.ko`, one module a line.
  ///   - builtin: `modules.builtin`: one file a line, compiled into the kernel.
  ///   - softdep: `modules.softdep`: `softdep b pre: c d post: e`.
  init(dep: String, builtin: String, softdep: String) {
    for line in dep.split(whereSeparator: \.isNewline) {
      let halves = line.split(separator: ":", maxSplits: 1)
      guard let path = halves.first.flatMap({ Self.relative($0) }), let name = ModuleName(path: path) else { continue }
      if line.hasPrefix("/") { hasWholePaths = true }
      files[name] = path
      let needed = halves.count > 1 ? halves[1].split(separator: " ") : []
      dependencies[name] = needed.compactMap { Self.relative($0).flatMap { ModuleName(path: $0) } }
    }
    for line in builtin.split(whereSeparator: \.isNewline) {
      if let name = ModuleName(path: String(line)) { builtIn.insert(name) }
    }
    for line in softdep.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count > 3, words[0] == "softdep" else { continue }
      let wanted = words[2...].filter { !$0.hasSuffix(":") }.map { ModuleName(String($0)) }
      wishes[ModuleName(String(words[1])), default: []] += wanted
    }
  }

  func has(_ module: ModuleName) -> Bool { builtIn.contains(module) || files[module] != nil }

  /// Puts a module in, or in another place.
  mutating func set(_ module: ModuleName, file: String, needs: [ModuleName]) {
    files[module] = file
    dependencies[module] = needs
  }

  /// Lines of `modules.dep`, by module; of what a module needs only what is in here.
  ///
  /// - Parameter prefix: Before each path: nothing, or the kernel's folder with a slash at its end.
  func lines(prefix: String = "") -> [BinaryIndex.Entry] {
    files.sorted { $0.key < $1.key }.map { module, file in
      let needed = (dependencies[module] ?? []).compactMap { files[$0] }
      return .init(key: module.text, value: "\(prefix)\(file):" + needed.map { " \(prefix)\($0)" }.joined())
    }
  }

  /// `modules` and all they need, each after what it needs; those compiled into the kernel are left out.
  ///
  /// - Parameter wishes: With what should be loaded with them where it exists.
  func closure(of modules: [ModuleName], wishes withWishes: Bool = true) -> [ModuleName] {
    var ordered: [ModuleName] = []
    var seen: Set<ModuleName> = []
    var pending = modules.reversed().map { (name: $0, expanded: false) }
    while let (name, expanded) = pending.popLast() {
      if expanded {
        ordered.append(name)
        continue
      }
      guard files[name] != nil, !builtIn.contains(name), seen.insert(name).inserted else { continue }
      pending.append((name, true))
      let needed = (dependencies[name] ?? []) + (withWishes ? wishes[name] ?? [] : [])
      pending += needed.reversed().map { (name: $0, expanded: false) }
    }
    return ordered
  }

  /// A path relative to the kernel's folder: old depmods wrote absolute ones. None that could lead out of it.
  private static func relative(_ text: Substring) -> String? {
    var parts = text.split(separator: "/")
    if text.hasPrefix("/") {
      guard let index = parts.firstIndex(of: "modules") else { return nil }
      parts = Array(parts.dropFirst(index + 2))
    }
    guard !parts.isEmpty, !parts.contains(".."), !parts.contains(".") else { return nil }
    return parts.joined(separator: "/")
  }
}
