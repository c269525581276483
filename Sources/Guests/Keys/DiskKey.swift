import Foundation
public import Support

/// What opens encrypted volumes of a guest. It is held in memory only, and shows nothing of itself to anybody.
public struct DiskKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private static let largestFile = 64 << 10

  /// See `DiskKeyReference`.
  let volume: String?
  /// What is tried, in this order.
  let passphrases: [[UInt8]]

  public var description: String { "key of \(volume ?? "any volume")" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  /// Reads a key from where it is.
  ///
  /// - Parameter input: Standard input, where somebody can be asked.
  /// - Throws: `key.unreadable`, `key.unusable`, `key.gone`.
  public init(_ reference: DiskKeyReference, input: KeyInput?) throws(AscendError) {
    volume = reference.volume
    guard reference.path != DiskKeyReference.standardInput else {
      guard let input else {
        throw AscendError(
          "key.gone", "A disk's key was given on standard input, and is not kept",
          remedy: "Try again where it can be given, `ascend jobs retry`, or name a file instead")
      }
      passphrases = try Self.lines(input.bytes())
      return
    }
    let bytes = try Self.read(reference.path)
    let line = bytes.prefix { $0 != 0x0a }
    // Made with an editor it ends with a line, made by a program it may be all bytes of the file.
    passphrases = try Self.checked([Array(line.last == 0x0d ? line.dropLast() : line), bytes], reference.path)
  }

  private static func read(_ path: String) throws(AscendError) -> [UInt8] {
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      let bytes = [UInt8](try file.read(upToCount: largestFile + 1) ?? Data())
      guard bytes.count <= largestFile else {
        throw AscendError("key.unusable", "A disk's key is larger than 64 KiB", object: path)
      }
      return bytes
    } catch let error as AscendError {
      throw error
    } catch {
      throw AscendError(
        "key.unreadable", "The file of a disk's key cannot be read", object: path,
        cause: (error as NSError).localizedDescription, remedy: "Name a file that this user can read")
    }
  }

  /// Each line that comes on standard input is a key of its own.
  private static func lines(_ bytes: [UInt8]) throws(AscendError) -> [[UInt8]] {
    let lines = bytes.split(separator: 0x0a).map { Array($0.last == 0x0d ? $0.dropLast() : $0) }
    return try checked(lines, "standard input")
  }

  private static func checked(_ found: [[UInt8]], _ object: String) throws(AscendError) -> [[UInt8]] {
    var kept: [[UInt8]] = []
    for key in found where !kept.contains(key) {
      // libguestfs takes texts, which end with a zero; an empty line is no key.
      if key.contains(0) || key.allSatisfy({ $0 == 0x0a || $0 == 0x0d }) { continue }
      kept.append(key)
    }
    guard !kept.isEmpty else {
      throw AscendError(
        "key.unusable", "A disk's key is empty, or is no text (it holds zero bytes)", object: object,
        remedy: "Give a passphrase, or BitLocker's recovery password, as text")
    }
    return kept
  }
}
