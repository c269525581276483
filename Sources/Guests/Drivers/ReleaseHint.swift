/// The release of Windows that a folder's name speaks of: `w10`, `2k12R2`, `Win8`, `Windows Server 2022`.
///
/// Where a vendor keeps one package per release, their INF files often say the same of all, and the folder is the only
/// thing to tell them apart by.
struct ReleaseHint: Sendable, Hashable {
  var major: Int
  var minor: Int
  var build: Int
  var isServer: Bool

  private static let clients: [String: (Int, Int, Int)] = [
    "xp": (5, 1, 0), "vista": (6, 0, 0), "7": (6, 1, 0), "8": (6, 2, 0), "8.1": (6, 3, 0), "81": (6, 3, 0),
    "10": (10, 0, 10_240), "11": (10, 0, 22_000),
  ]
  private static let servers: [String: (Int, Int, Int)] = [
    "2003": (5, 2, 0), "2008": (6, 0, 0), "2008r2": (6, 1, 0), "2012": (6, 2, 0), "2012r2": (6, 3, 0),
    "2016": (10, 0, 14_393), "2019": (10, 0, 17_763), "2022": (10, 0, 20_348), "2025": (10, 0, 26_100),
  ]

  /// The hint in a path, from its last folder up.
  init?(path: String) {
    for part in path.split(separator: "/").dropLast().reversed() {
      if let hint = Self(folder: part) {
        self = hint
        return
      }
    }
    return nil
  }

  init?(folder: Substring) {
    var name = folder.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "." }
    for suffix in ["x64", "amd64", "x86", "64bit", "32bit"] where name.hasSuffix(suffix) {
      name.removeLast(suffix.count)
    }
    let bare = name
    for prefix in ["microsoft", "windows", "win", "ws", "w"] where name.hasPrefix(prefix) {
      name.removeFirst(prefix.count)
    }
    for prefix in ["server", "srv"] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
    // A bare number may be anything, a year for one.
    guard name != bare || name == "xp" || name == "vista" || name.hasPrefix("2k") || name.hasSuffix("r2") else {
      return nil
    }
    // `2k12` is 2012, `2k8` 2008.
    if name.hasPrefix("2k") {
      let rest = name.dropFirst(2)
      let digits = rest.prefix { $0.isNumber }
      name = "20" + (digits.count == 1 ? "0" : "") + rest
    }
    if let release = Self.servers[name] {
      (major, minor, build) = release
      isServer = true
    } else if let release = Self.clients[name] {
      (major, minor, build) = release
      isServer = false
    } else {
      return nil
    }
  }

  /// How well what is meant for this release suits `windows`, to be compared place by place; nil for a later release.
  func rank(for windows: WindowsTarget) -> [Int]? {
    let own = (windows.major, windows.minor, windows.build == 0 ? Int.max : windows.build)
    guard (major, minor, build) <= own else { return nil }
    let sameVersion = (major, minor) == (windows.major, windows.minor)
    let sameKind = isServer == windows.isServer
    let exact = sameKind && name(windows.architecture) == windows.name
    return [exact ? 1 : 0, sameVersion ? 1 : 0, sameKind ? 1 : 0, major, minor, build]
  }

  /// Of a package whose folders say nothing: better than one for an earlier version, worse than one for the same.
  static let neutral = [0, 1, 0, 0, 0, 0]

  private func name(_ architecture: WindowsTarget.Architecture) -> String {
    WindowsTarget(major: major, minor: minor, build: build, isServer: isServer, architecture: architecture).name
  }
}
