import CArchive
import Foundation
import Support

/// An ISO image of driver packages, read by libarchive in this process: nothing is mounted.
struct DriverImage {
  let path: String

  func members() throws(AscendError) -> [DriverSource.Member] {
    var members: [DriverSource.Member] = []
    try walk { member, _ throws(AscendError) in
      members.append(member)
      return true
    }
    return members
  }

  func contents(of paths: Set<String>, limit: Int64) throws(AscendError) -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    try walk { member, archive throws(AscendError) in
      guard paths.contains(member.path), contents[member.path] == nil else { return true }
      contents[member.path] = try read(member.path, archive, limit: limit)
      return contents.count < paths.count
    }
    return contents
  }

  /// Passes on every regular file, until `body` has enough.
  private func walk(
    _ body: (DriverSource.Member, OpaquePointer) throws(AscendError) -> Bool
  ) throws(AscendError) {
    guard let archive = archive_read_new() else { throw DriverSource.unreadable(path, "no memory") }
    defer { archive_read_free(archive) }
    // This one format and no filter: some of libarchive's filters run programs.
    archive_read_support_filter_none(archive)
    archive_read_support_format_iso9660(archive)
    guard archive_read_open_filename(archive, path, 1 << 18) == ARCHIVE_OK else { throw failure(archive) }
    var entry: OpaquePointer?
    var count = 0
    while true {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return }
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw failure(archive) }
      count += 1
      guard count <= DriverSource.maxMembers else {
        throw DriverSource.tooLarge(path, "more than \(DriverSource.maxMembers) files")
      }
      guard archive_entry_filetype(entry) == 0o100000, let name = Self.name(entry) else { continue }
      let member = DriverSource.Member(path: name, bytes: max(0, archive_entry_size(entry)))
      guard try body(member, archive) else { return }
    }
  }

  private static func name(_ entry: OpaquePointer) -> String? {
    guard let raw = archive_entry_pathname(entry) else { return nil }
    let parts = String(cString: raw).split(separator: "/").filter { $0 != "." }
    return parts.isEmpty || parts.contains("..") ? nil : parts.joined(separator: "/")
  }

  private func read(_ name: String, _ archive: OpaquePointer, limit: Int64) throws(AscendError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = archive_read_data(archive, &buffer, buffer.count)
      guard count >= 0 else { throw failure(archive) }
      if count == 0 { return bytes }
      guard Int64(bytes.count + count) <= limit else { throw DriverSource.tooLarge(path, name) }
      bytes += buffer[..<count]
    }
  }

  private func failure(_ archive: OpaquePointer) -> AscendError {
    DriverSource.unreadable(path, archive_error_string(archive).map { String(cString: $0) } ?? "it is no ISO image")
  }
}
