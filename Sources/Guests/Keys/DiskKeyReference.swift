import Foundation
public import Support

/// Where the key of a guest's encrypted volumes is found; never the key itself, so that it can be kept with a job.
public struct DiskKeyReference: Sendable, Hashable, Codable {
  /// The volume that it is for: its device as the inspection names it (`/dev/sda2`), or the UUID in its header. Nil for
  /// any volume that it opens.
  public var volume: String?
  /// Absolute path of a file, or `-` for standard input.
  public var path: String

  public static let standardInput = "-"

  public init(volume: String? = nil, path: String) {
    self.volume = volume
    self.path = path
  }

  /// Reads `PATH`, `-`, or what users of libguestfs' tools know: `VOLUME:file:PATH`, with `all` for any volume.
  ///
  /// - Parameter folder: What a relative path is relative to.
  /// - Throws: `key.inTheOpen` for a key where a path is wanted; the error does not repeat it.
  public init(_ text: String, relativeTo folder: String) throws(AscendError) {
    var path = Substring(text)
    if let mark = text.firstRange(of: ":file:") {
      let name = String(text[..<mark.lowerBound])
      volume = name == "all" || name.isEmpty ? nil : name
      path = text[mark.upperBound...]
    } else if text.contains(":key:") || text.hasPrefix("key:") {
      throw AscendError(
        "key.inTheOpen", "A disk's key is not taken here: others could read it, and it would be kept",
        remedy: "Write it into a file of your own (mode 0600) and name that, VOLUME:file:PATH, or give it on standard "
          + "input: -")
    } else if text.hasSuffix(":clevis") {
      throw AscendError(
        "key.unusable", "Keys that a network server or a TPM holds (clevis) cannot be fetched", object: text,
        remedy: "Give a passphrase of the volume in a file")
    }
    guard !path.isEmpty else {
      throw AscendError("key.unusable", "A disk's key has no path", object: text, remedy: "Write [VOLUME:file:]PATH")
    }
    let isInput = path == Self.standardInput[...]
    let base = URL(fileURLWithPath: folder, isDirectory: true)
    self.path =
      isInput ? Self.standardInput : URL(fileURLWithPath: String(path), relativeTo: base).standardizedFileURL.path
  }
}
