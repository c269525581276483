import Disks
import Foundation
import Support

/// Lists the members of a tar archive with where they lie, so that nothing needs to be unpacked.
///
/// Strict: what an OVA never holds (links, devices, paths that leave the archive, the same name twice) is refused, as
/// is an archive that ends early.
struct TarReader {
  private static let mostMembers = 4096
  private static let longestExtendedHeader: Int64 = 1 << 20

  private let file: FileSlice
  private var position: Int64 = 0
  private var longName: String?
  private var pax = PaxRecords()
  private var members: [ArchiveMember] = []
  private var names: Set<String> = []

  private init(_ path: String) throws(AscendError) { file = try FileSlice(path) }

  /// - Throws: `archive.truncated`, `archive.malformed`, `archive.unsafe`, `backup.unreadable`.
  static func members(of path: String) throws(AscendError) -> [ArchiveMember] {
    var reader = try TarReader(path)
    while try reader.next() {}
    return reader.members
  }

  /// Whether the file begins like a tar archive.
  static func isArchive(_ path: String) throws(AscendError) -> Bool {
    let block = try FileSlice(path).read(at: 0, count: TarHeader.blockSize)
    return (try? TarHeader.parse(block)) != nil
  }

  /// Reads one header and steps over its member; false at the end of the archive.
  private mutating func next() throws(AscendError) -> Bool {
    if position == file.length { return try finish() }
    let block = try file.read(at: position, count: TarHeader.blockSize)
    guard block.count == TarHeader.blockSize else { throw truncated("a header", position) }
    let header: TarHeader?
    do { header = try TarHeader.parse(block) } catch { throw malformed("the header at byte \(position)", error.reason) }
    guard let header else { return try finish() }
    let data = position + Int64(TarHeader.blockSize)
    switch header.kind {
    case .pax, .paxGlobal:
      guard header.size <= Self.longestExtendedHeader else {
        throw malformed("the header at byte \(position)", "it is too large")
      }
      try step(data, header.size, header.name)
      let records: PaxRecords
      do {
        records = try PaxRecords.parse(try file.read(at: data, count: Int(header.size)))
      } catch let error as AscendError {
        throw error
      } catch {
        let reason = (error as? TarHeader.Malformed)?.reason ?? "it is not valid"
        throw malformed("the header at byte \(position)", reason)
      }
      guard header.kind == .pax || (records.path == nil && records.size == nil) else {
        throw malformed("the header at byte \(position)", "it names one file for all members")
      }
      if header.kind == .pax { pax = records }
    case .longName:
      guard header.size <= 4096 else { throw malformed("the header at byte \(position)", "its name is too long") }
      try step(data, header.size, header.name)
      let bytes = try file.read(at: data, count: Int(header.size)).prefix { $0 != 0 }
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw malformed("the header at byte \(position)", "its name is no text")
      }
      longName = name
    case .file, .directory: try take(header, data)
    case .other(let flag):
      throw AscendError(
        "archive.unsafe", "The archive holds something that is no plain file", object: file.path,
        cause: "\"\(header.name)\" is of type \"\(String(UnicodeScalar(flag)))\"",
        remedy: "Export the machine again: an OVA holds plain files only")
    }
    return true
  }

  private mutating func take(_ header: TarHeader, _ data: Int64) throws(AscendError) {
    let size = header.kind == .directory ? 0 : pax.size ?? header.size
    guard !pax.sparse else { throw malformed("\"\(header.name)\"", "it is stored as a sparse file") }
    let name = try MemberName.checked(pax.path ?? longName ?? header.name, in: file.path)
    pax = PaxRecords()
    longName = nil
    try step(data, size, name)
    guard header.kind == .file else { return }
    guard names.insert(name).inserted else {
      throw AscendError(
        "archive.unsafe", "The archive holds \"\(name)\" twice", object: file.path,
        remedy: "Export the machine again")
    }
    guard members.count < Self.mostMembers else {
      throw malformed("it", "it has more than \(Self.mostMembers) members")
    }
    members.append(ArchiveMember(name: name, offset: data, size: size, modified: header.modified))
  }

  /// Moves to the block after `size` bytes at `data`, which must be there, padding included.
  private mutating func step(_ data: Int64, _ size: Int64, _ name: String) throws(AscendError) {
    let (padded, overflow) = size.addingReportingOverflow(511)
    guard size >= 0, !overflow, data <= file.length, padded / 512 * 512 <= file.length - data else {
      throw truncated("\"\(name)\"", data)
    }
    position = data + padded / 512 * 512
  }

  private mutating func finish() throws(AscendError) -> Bool {
    guard longName == nil, pax == PaxRecords() else { throw truncated("a member", position) }
    return false
  }

  private func truncated(_ what: String, _ place: Int64) -> AscendError {
    AscendError(
      "archive.truncated", "The archive ends before \(what) does", object: file.path,
      cause: "it has \(file.length) bytes, and \(what) starts at \(place)",
      remedy: "The file was cut short: copy it again from where it was exported")
  }

  private func malformed(_ what: String, _ reason: String) -> AscendError {
    AscendError(
      "archive.malformed", "The archive is not valid", object: file.path, cause: "\(what): \(reason)",
      remedy: "Copy it again from where it was exported")
  }
}
