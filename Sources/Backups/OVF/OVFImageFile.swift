import Disks
import Foundation
import Support

/// The file of a descriptor's reference: whole, or in pieces that lie one after the other (`disk.vmdk.000000000`).
struct OVFImageFile {
  struct Found {
    var path: String
    var offset: Int64?
    var length: Int64?
    var pieces: [FilePiece]?
    var findings: [String] = []
  }

  private static let mostPieces = 200

  private let entry: OVFPackage.File
  private let files: any BackupFiles
  private let object: String

  init(_ entry: OVFPackage.File, files: any BackupFiles, object: String) throws(AscendError) {
    self.entry = entry
    self.files = files
    self.object = object
  }

  /// - Returns: nil where the backup does not hold it.
  /// - Throws: `backup.diskTruncated`, `backup.descriptorMalformed`, `archive.unsafe`.
  func locate(_ label: String) throws(AscendError) -> Found? {
    guard let chunkSize = entry.chunkSize else {
      guard let file = try named("") else { return nil }
      var found = Found(path: file.path, offset: file.offset, length: file.offset == nil ? nil : file.length)
      try compare(file.length, file.path, &found)
      return found
    }
    var pieces: [FilePiece] = []
    var total: Int64 = 0
    while let file = try named(".\(String(repeating: "0", count: 9 - String(pieces.count).count))\(pieces.count)") {
      guard pieces.count < Self.mostPieces else {
        throw malformed("it is cut into more than \(Self.mostPieces) pieces")
      }
      pieces.append(FilePiece(path: file.path, offset: file.offset ?? 0, length: file.length))
      total += file.length
    }
    guard let first = pieces.first else { return nil }
    guard chunkSize > 0, pieces.dropLast().allSatisfy({ $0.length == chunkSize }), pieces.last?.length ?? 0 <= chunkSize
    else { throw malformed("its pieces are not of the size that the descriptor says") }
    var found = Found(path: first.path, pieces: pieces)
    try compare(total, first.path, &found)
    return found
  }

  /// The first bytes of the file.
  func head(_ found: Found) throws(AscendError) -> [UInt8] {
    let first = found.pieces?.first
    return try FileSlice(
      found.path, offset: first?.offset ?? found.offset ?? 0, length: first?.length ?? found.length
    ).read(at: 0, count: 512)
  }

  /// Whether the file is compressed, which some writers do not say. A raw disk may begin with anything.
  ///
  /// - Throws: `backup.unsupported` for a kind of compression that is not read.
  func isCompressed(_ head: [UInt8], isRaw: Bool) throws(AscendError) -> Bool {
    let claim = entry.compression?.lowercased() ?? ""
    guard ["", "identity", "gzip"].contains(claim) else {
      throw AscendError(
        "backup.unsupported", "The image \(entry.href) is compressed with \"\(claim.prefix(40))\"", object: object,
        cause: "only gzip is read", remedy: "Unpack it beside the descriptor, and correct the descriptor")
    }
    let isGzip = head.starts(with: [0x1f, 0x8b])
    guard claim != "gzip" || isGzip else { throw malformed("the descriptor says gzip, and it is none") }
    return claim == "gzip" || isGzip && !isRaw
  }

  private func compare(_ length: Int64, _ path: String, _ found: inout Found) throws(AscendError) {
    guard let size = entry.size, size != length else { return }
    guard size < length else {
      throw AscendError(
        "backup.diskTruncated", "The image \(entry.href) is shorter than the descriptor says", object: path,
        cause: "it has \(length) bytes, the descriptor says \(size)", remedy: "The file was cut short: copy it again")
    }
    found.findings.append("The image \(entry.href) has \(length) bytes; the descriptor says \(size)")
  }

  /// The file of the `href`, which may be written with escapes.
  private func named(_ suffix: String) throws(AscendError) -> BackupFile? {
    for name in [entry.href, entry.href.removingPercentEncoding ?? entry.href] {
      guard !name.contains(":") else { continue }
      if let file = try files.file(try MemberName.checked(name + suffix, in: object)) { return file }
    }
    return nil
  }

  private func malformed(_ cause: String) -> AscendError {
    AscendError(
      "backup.descriptorMalformed", "The image \(entry.href) of the descriptor cannot be used", object: object,
      cause: cause, remedy: "Copy the backup again, or export the machine again")
  }
}
