import Foundation
public import Support

/// All driver packages of some sources, to be asked for a driver by its name.
public struct DriverIndex: Sendable {
  private struct Entry: Sendable {
    var source: Int
    var path: String
    var text: String
    /// For a quick look whether a driver can be in it at all.
    var lowered: String
  }

  private let sources: [DriverSource]
  private let entries: [Entry]

  /// Nothing at all.
  public static let empty = DriverIndex()

  private init() {
    sources = []
    entries = []
  }

  /// Reads all INF files of the sources.
  ///
  /// - Parameter paths: Absolute paths of folders and ISO images. Where two are equally good, the earlier is taken.
  /// - Throws: `drivers.unreadable`, `drivers.tooLarge`.
  public init(_ paths: [String]) throws(AscendError) {
    var sources: [DriverSource] = []
    var entries: [Entry] = []
    for path in paths {
      let source = try DriverSource(path: path)
      let infs = source.members.map(\.path).filter { $0.lowercased().hasSuffix(".inf") }
      guard !infs.isEmpty else {
        throw DriverSource.unreadable(path, "It holds no INF file, so no driver package")
      }
      let contents = try source.contents(of: Set(infs), limit: Int64(INFText.maxBytes))
      for inf in infs.sorted() {
        guard let bytes = contents[inf] else { continue }
        let text = INFText.decode(bytes)
        entries.append(Entry(source: sources.count, path: inf, text: text, lowered: text.lowercased()))
      }
      sources.append(source)
    }
    self.sources = sources
    self.entries = entries
  }

  var isEmpty: Bool { entries.isEmpty }

  /// A package that has the driver.
  struct Match: Sendable, Hashable {
    var driver: INFDriver
    var service: INFDriver.Service
    /// The INF file, relative to its source.
    var path: String
    fileprivate var source: Int
  }

  /// The best package that has `name` for `windows`: for its very release first, then the latest.
  ///
  /// - Parameter name: A service's name (`viostor`), else the INF file's (`vioscsi` for `vioscsi.inf`).
  func find(_ name: String, for windows: WindowsTarget) -> Match? {
    var best: (match: Match, rank: [Int], version: DriverVersion)?
    for entry in candidates(name) {
      guard let release = rank(entry.path, windows), let match = match(entry, name, windows) else { continue }
      let rank = release + (match.driver.decoration?.rank ?? [])
      if let best {
        guard best.rank.lexicographicallyPrecedes(rank) || best.rank == rank && best.version < match.driver.version
        else { continue }
      }
      best = (match, rank, match.driver.version)
    }
    return best?.match
  }

  /// Whether some source has the driver for another Windows, which is worth saying when it has none for this one.
  func hasForOthers(_ name: String) -> Bool {
    candidates(name).contains { entry in
      WindowsTarget.Architecture.allCases.contains { architecture in
        [true, false].contains { isServer in
          let latest = WindowsTarget(
            major: 10, minor: 0, build: 0, isServer: isServer, architecture: architecture)
          return match(entry, name, latest) != nil
        }
      }
    }
  }

  /// The files of a package, by their paths in it, in small letters.
  ///
  /// - Throws: `drivers.incomplete` where the INF file or the service's file is missing, and as `DriverSource` does.
  func files(of match: Match) throws(AscendError) -> [String: [UInt8]] {
    let source = sources[match.source]
    let folder = match.path.split(separator: "/").dropLast().joined(separator: "/")
    // Windows does not tell capitals from small letters in names, this computer may.
    let byName = Dictionary(source.members.map { ($0.path.lowercased(), $0.path) }, uniquingKeysWith: { a, _ in a })
    var wanted: [String: String] = [:]
    for file in match.driver.files + [match.service.source] {
      let path = (folder.isEmpty ? file : "\(folder)/\(file)").lowercased()
      guard let real = byName[path] else { continue }
      wanted[real] = file.lowercased()
    }
    let contents = try source.contents(of: Set(wanted.keys))
    var files: [String: [UInt8]] = [:]
    for (path, bytes) in contents { if let name = wanted[path] { files[name] = bytes } }
    for needed in [match.driver.infName, match.service.source]
    where !files.keys.contains(where: { Self.isNamed($0, needed) }) {
      throw AscendError(
        "drivers.incomplete", "The driver package lacks \(needed)", object: describe(match),
        remedy: "Take the whole package from its vendor again")
    }
    return files
  }

  /// Where a package is, for people.
  func describe(_ match: Match) -> String { "\(sources[match.source].path): \(match.path)" }

  /// Files of the sources with one of these names (`qemu-ga-x86_64.msi`), by name.
  func find(files names: Set<String>) throws(AscendError) -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for source in sources {
      for member in source.members {
        guard let name = member.path.split(separator: "/").last?.lowercased() else { continue }
        guard names.contains(name), found[name] == nil else { continue }
        found[name] = try source.contents(of: [member.path])[member.path]
      }
    }
    return found
  }

  /// Whether a path of a package ends with that name.
  static func isNamed(_ path: String, _ name: String) -> Bool {
    path.split(separator: "/").last?.caseInsensitiveCompare(name) == .orderedSame
  }

  // MARK: Looking

  private func candidates(_ name: String) -> [Entry] {
    let name = name.lowercased()
    return entries.filter { $0.lowered.contains(name) || $0.path.lowercased().hasSuffix("/\(name).inf") }
  }

  private func rank(_ path: String, _ windows: WindowsTarget) -> [Int]? {
    guard let hint = ReleaseHint(path: path) else { return ReleaseHint.neutral }
    return hint.rank(for: windows)
  }

  private func match(_ entry: Entry, _ name: String, _ windows: WindowsTarget) -> Match? {
    let file = entry.path.split(separator: "/").last.map(String.init) ?? entry.path
    guard let driver = INFReader(document: INFDocument(entry.text), windows: windows).driver(file) else { return nil }
    if let service = driver.service(name) {
      return Match(driver: driver, service: service, path: entry.path, source: entry.source)
    }
    guard file.lowercased() == "\(name.lowercased()).inf",
      let service = driver.services.first(where: \.drivesDevice) ?? driver.services.first
    else { return nil }
    return Match(driver: driver, service: service, path: entry.path, source: entry.source)
  }
}
