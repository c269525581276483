import Support

/// What a qcow2 header says of other files, of encryption and of other states of the disk.
///
/// Read here before any tool opens the image: some versions of the tools follow an external data file at once.
struct QcowHeader: Equatable {
  static let magic: [UInt8] = [0x51, 0x46, 0x49, 0xfb]
  /// Bit 2 of the incompatible features: the guest's data is in another file.
  private static let externalDataBit: UInt64 = 1 << 2
  /// qemu's own limits.
  private static let longestName = 1023
  private static let mostSnapshots: UInt32 = 65_536
  /// Places in an image have 56 bits.
  private static let farthest: Int64 = 1 << 56

  var backingName: String?
  /// The format that the image says its backing file has.
  var backingFormat: String?
  var usesExternalData: Bool
  var encrypted: Bool
  /// How many snapshots the image keeps within itself, and where their table begins, in bytes.
  var snapshotCount = 0
  var snapshotsOffset: Int64 = 0

  /// - Throws: `disk.malformed`.
  static func read(_ window: FileWindow) throws(AscendError) -> QcowHeader {
    let bytes = try window.read(at: 0, count: 104)
    guard bytes.starts(with: magic), bytes.count >= 72, let version = bytes.integer(UInt32.self, at: 4, bigEndian: true)
    else { throw malformed(window, "the header is cut short") }
    guard version == 2 || version == 3 else { throw malformed(window, "version \(version) is not known") }
    let nameOffset = bytes.integer(UInt64.self, at: 8, bigEndian: true) ?? 0
    let nameLength = bytes.integer(UInt32.self, at: 16, bigEndian: true) ?? 0
    let method = bytes.integer(UInt32.self, at: 32, bigEndian: true) ?? 0
    let features = version == 3 ? bytes.integer(UInt64.self, at: 72, bigEndian: true) : 0
    guard let features else { throw malformed(window, "the header is cut short") }
    let snapshots = bytes.integer(UInt32.self, at: 60, bigEndian: true) ?? 0
    let snapshotsOffset = bytes.integer(UInt64.self, at: 64, bigEndian: true) ?? 0
    guard snapshots == 0 || snapshots <= mostSnapshots && snapshotsOffset < UInt64(max(0, min(window.length, farthest)))
    else {
      throw malformed(window, "the table of its snapshots lies outside it, or is longer than any")
    }
    var name: String?
    if nameOffset != 0 {
      guard nameLength <= longestName, nameOffset < UInt64(max(0, window.length)) else {
        throw malformed(window, "the name of its backing file lies outside it")
      }
      let text = try window.read(at: Int64(nameOffset), count: Int(nameLength))
      guard text.count == Int(nameLength) else { throw malformed(window, "the name of its backing file is cut short") }
      if !text.isEmpty {
        guard let decoded = String(validating: text, as: UTF8.self) else {
          throw malformed(window, "the name of its backing file is no text")
        }
        name = decoded
      }
    }
    return QcowHeader(
      backingName: name, backingFormat: name == nil ? nil : try backingFormat(window, bytes, version),
      usesExternalData: features & externalDataBit != 0, encrypted: method != 0,
      snapshotCount: Int(snapshots), snapshotsOffset: snapshots == 0 ? 0 : Int64(snapshotsOffset))
  }

  private static let formatExtension: UInt32 = 0xe279_2aca
  private static let mostExtensions = 64

  /// Looks through the extensions behind the header; one that cannot be read ends the search, as it says nothing then.
  private static func backingFormat(_ window: FileWindow, _ header: [UInt8], _ version: UInt32) throws(AscendError)
    -> String?
  {
    var offset = version == 2 ? 72 : Int64(header.integer(UInt32.self, at: 100, bigEndian: true) ?? 104)
    for _ in 0..<mostExtensions {
      let head = try window.read(at: offset, count: 8)
      guard let type = head.integer(UInt32.self, at: 0, bigEndian: true), type != 0,
        let length = head.integer(UInt32.self, at: 4, bigEndian: true), length <= 64 << 10
      else { return nil }
      if type == formatExtension {
        return String(validating: try window.read(at: offset + 8, count: Int(min(length, 64))), as: UTF8.self)
      }
      offset += 8 + (Int64(length) + 7) / 8 * 8
    }
    return nil
  }

  private static func malformed(_ window: FileWindow, _ cause: String) -> AscendError {
    AscendError(
      "disk.malformed", "The qcow2 header is not valid", object: window.path, cause: cause,
      remedy: "Take the image from another copy of the backup")
  }
}
