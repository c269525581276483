import ArgumentParser
import Foundation
import Glibc
import Guests
import Restore
import Support

/// The keys of a guest's encrypted disks.
struct KeyOptionGroup: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Where the key of the guest's encrypted disks (LUKS, BitLocker) is: a file with a passphrase or recovery password in \
      its first line, or - for standard input, one a line. VOLUME:file:PATH is for one volume, by its device as `backups \
      inspect` names it or its UUID. Only the path is kept. May be repeated.
      """, valueName: "[VOLUME:file:]PATH"),
    completion: .file())
  var key: [String] = []

  func references() throws(AscendError) -> [DiskKeyReference]? {
    try Self.references(key, relativeTo: FileManager.default.currentDirectoryPath)
  }

  /// With those that the mapping names.
  func references(with file: MappingFile) throws(AscendError) -> [DiskKeyReference]? {
    let all = (try references() ?? []) + file.keys
    return all.isEmpty ? nil : all
  }

  /// Nil where there is none, as jobs without keys have it.
  static func references(_ texts: [String], relativeTo folder: String) throws(AscendError) -> [DiskKeyReference]? {
    var found: [DiskKeyReference] = []
    for text in texts { found.append(try DiskKeyReference(text, relativeTo: folder)) }
    return found.isEmpty ? nil : found
  }
}

extension KeyInput {
  /// Standard input to its end, or what somebody types at the terminal without seeing it.
  static let standardInput = KeyInput { () throws(AscendError) in
    guard isatty(STDIN_FILENO) == 1 else {
      do {
        return [UInt8](try FileHandle.standardInput.read(upToCount: 64 << 10) ?? Data())
      } catch {
        throw AscendError.wrapping(error, as: "key.unreadable", "The key cannot be read from standard input")
      }
    }
    guard let typed = getpass("Key of the guest's encrypted disks: ") else {
      throw AscendError(
        "key.unreadable", "The key cannot be read from the terminal",
        cause: String(cString: strerror(errno)))
    }
    let length = strlen(typed)
    defer { explicit_bzero(typed, length) }
    return UnsafeRawBufferPointer(start: typed, count: length).map { $0 }
  }
}
