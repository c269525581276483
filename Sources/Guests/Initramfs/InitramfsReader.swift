/// Reads an initramfs as the kernel does: any number of cpio archives one after the other, each plain or compressed.
///
/// Typical is a plain one with processor microcode before the compressed main one; preparation appends a third.
/// libguestfs reads only a single one of gzip, which few distributions write today.
struct InitramfsReader {
  struct Limits: Sendable {
    var unpackedBytes = 2 << 30
    var members = 200_000
    var segments = 64
    /// Of files whose content is kept, together.
    var keptBytes = 64 << 20
  }

  private enum Kept {
    static let file = 64 << 10
    /// A distribution's kernel with all its modules has one of a megabyte.
    static let moduleIndex = 8 << 20
    /// LVM's configuration, most of it comments.
    static let volumeFilter = 1 << 20
  }

  var limits = Limits()
  /// Paths of small files whose content is kept, and of folders (with a slash at their end) whose files' is.
  var wantedFiles: Set<String> = []

  func read(_ bytes: UnsafeRawBufferPointer) throws(InitramfsError) -> InitramfsContents {
    var contents = InitramfsContents()
    var budget = Budget(bytes: limits.unpackedBytes, members: limits.members, kept: limits.keptBytes)
    var offset = 0
    while offset < bytes.count {
      // Parts are padded with zeros, to whatever the program that joined them liked.
      if bytes[offset] == 0 {
        offset += 1
        continue
      }
      guard contents.segments.count < limits.segments else { throw .tooLarge("more than \(limits.segments) parts") }
      guard let kind = SegmentKind(bytes, at: offset), kind != .cpio || offset % 4 == 0 else {
        throw .notAnArchive(offset: offset)
      }
      let segment =
        kind == .cpio
        ? try readPlain(bytes, offset, &contents, &budget)
        : try readCompressed(kind, bytes, offset, &contents, &budget)
      contents.segments.append(segment)
      offset += segment.length
    }
    guard !contents.segments.isEmpty else { throw .notAnArchive(offset: 0) }
    return contents
  }

  private struct Budget {
    var bytes: Int
    var members: Int
    var kept: Int
  }

  private func readPlain(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ contents: inout InitramfsContents, _ budget: inout Budget
  ) throws(InitramfsError) -> InitramfsContents.Segment {
    var parser = makeParser()
    var members = 0
    let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
    let length = try feed(rest, &parser, &contents, &budget, &members)
    guard parser.isFinished else { throw .truncated(offset: offset) }
    return .init(kind: .cpio, offset: offset, length: length, members: members)
  }

  private func readCompressed(
    _ kind: SegmentKind, _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ contents: inout InitramfsContents,
    _ budget: inout Budget
  ) throws(InitramfsError) -> InitramfsContents.Segment {
    let end = try SegmentEnd.find(kind, bytes, from: offset)
    let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<(end ?? bytes.count)])
    let decompressor = try Decompressor(kind, part, offset: offset)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    defer { buffer.deallocate() }
    var parser = makeParser()
    var members = 0
    while true {
      let count = try decompressor.read(into: buffer)
      if count == 0 { break }
      budget.bytes -= count
      guard budget.bytes >= 0 else { throw .tooLarge("more than \(limits.unpackedBytes) bytes unpacked") }
      var rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
      while !rest.isEmpty {
        // After the end there may be zeros, or a further archive inside the same compressed part.
        if parser.isFinished {
          guard let next = rest.firstIndex(where: { $0 != 0 }) else { break }
          parser = makeParser()
          rest = UnsafeRawBufferPointer(rebasing: rest[next...])
        }
        let taken = try feed(rest, &parser, &contents, &budget, &members)
        rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      }
    }
    guard parser.isFinished || parser.consumed == 0 else { throw .truncated(offset: offset) }
    let length = end.map { $0 - offset } ?? decompressor.consumed
    guard length > 0 else { throw .damaged(offset: offset, "it has no end") }
    return .init(kind: kind, offset: offset, length: length, members: members)
  }

  private func makeParser() -> CPIOParser {
    var parser = CPIOParser()
    let wanted = wantedFiles
    let folders = wanted.filter { $0.hasSuffix("/") }
    parser.capture = { entry in
      if entry.isRegular, InitramfsContents.isModuleIndex(entry.path) { return Kept.moduleIndex }
      if entry.path == InitramfsExtras.volumeFilter, wanted.contains(entry.path) { return Kept.volumeFilter }
      let isWanted = wanted.contains(entry.path) || entry.isRegular && folders.contains { entry.path.hasPrefix($0) }
      return isWanted ? Kept.file : nil
    }
    return parser
  }

  private func feed(
    _ bytes: UnsafeRawBufferPointer, _ parser: inout CPIOParser, _ contents: inout InitramfsContents,
    _ budget: inout Budget, _ members: inout Int
  ) throws(InitramfsError) -> Int {
    try parser.feed(bytes) { entry, data throws(InitramfsError) in
      members += 1
      budget.members -= 1
      guard budget.members >= 0 else { throw .tooLarge("more than \(limits.members) files") }
      contents.note(entry)
      guard let data else { return }
      budget.kept -= data.count
      guard budget.kept >= 0 else { throw .tooLarge("more than \(limits.keptBytes) bytes of settings and indices") }
      // Of one that is written anew, a part is worse than nothing.
      guard data.count == entry.size || entry.path != InitramfsExtras.volumeFilter else { return }
      contents.files[entry.path] = data
    }
  }
}
