import Foundation
import Support

/// What the operator gives for the first start of Windows: scripts and installers, read from this computer and checked.
struct UserFiles: Sendable, Hashable {
  private static let largestScript: Int64 = 1 << 20
  private static let largestInstaller: Int64 = 256 << 20

  struct File: Sendable, Hashable {
    /// Without what a command processor could take for something else.
    var name: String
    var bytes: [UInt8]
  }

  /// In the order in which they were named.
  var scripts: [File] = []
  var installers: [File] = []

  var bytes: Int64 { (scripts + installers).reduce(0) { $0 + Int64($1.bytes.count) } }

  init() {}

  /// - Throws: `guest.otherSystem`, `guest.scriptKind`, `guest.packageFormat`, `file.notFound`, `file.tooLarge`.
  init(_ wish: WindowsWish) throws(AscendError) {
    if let script = wish.runScripts.first {
      throw AscendError(
        "guest.otherSystem", "Programs of Windows do not run on this computer", object: script,
        remedy: "Have Windows run it at its first start (--firstboot-script)")
    }
    for path in wish.firstBootScripts {
      guard let kind = Self.kind(path, of: ["ps1", "cmd", "bat"]) else {
        throw AscendError(
          "guest.scriptKind", "Windows runs no script of this kind at its first start", object: path,
          remedy: "Give a PowerShell (.ps1) or command script (.cmd, .bat)")
      }
      let bytes = try Self.read(path, limit: Self.largestScript)
      scripts.append(File(name: Self.name(path), bytes: kind == "ps1" ? bytes : Self.withWindowsLines(bytes)))
    }
    for path in wish.packages {
      guard Self.kind(path, of: ["msi"]) != nil else {
        throw AscendError(
          "guest.packageFormat", "Windows installs packages of the kind .msi, and this is none", object: path,
          remedy: "Give the vendor's .msi, or run its installer from a first-boot script")
      }
      installers.append(File(name: Self.name(path), bytes: try Self.read(path, limit: Self.largestInstaller)))
    }
  }

  private static func kind(_ path: String, of kinds: [String]) -> String? {
    let suffix = (path as NSString).pathExtension.lowercased()
    return kinds.contains(suffix) ? suffix : nil
  }

  private static func name(_ path: String) -> String { GuestPackages.plain((path as NSString).lastPathComponent) }

  private static func read(_ path: String, limit: Int64) throws(AscendError) -> [UInt8] {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw AscendError("file.notFound", "There is no such file, or it cannot be read", object: path)
    }
    defer { try? file.close() }
    do {
      let data = try file.read(upToCount: Int(limit) + 1) ?? Data()
      guard data.count <= limit else {
        throw AscendError(
          "file.tooLarge", "The file is larger than the \(limit >> 20) MB that are put into a guest", object: path)
      }
      return [UInt8](data)
    } catch {
      throw AscendError.wrapping(error, as: "file.unreadable", "The file cannot be read", object: path)
    }
  }

  /// The command processor misreads labels and blocks in scripts whose lines end as on Unix.
  static func withWindowsLines(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte == 0x0a, result.last != 0x0d { result.append(0x0d) }
      result.append(byte)
    }
    return result
  }
}
