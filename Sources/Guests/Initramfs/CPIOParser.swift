/// Reads one cpio archive of the "new ASCII" kind (`070701`, and `070702` with checksums) as its bytes arrive.
///
/// Format: Documentation/driver-api/early-userspace/buffer-format.rst of the Linux sources. Headers are 110 bytes: the
/// magic and thirteen numbers of eight hexadecimal digits; name and data are padded to four bytes.
struct CPIOParser {
  /// Longest member name, as the kernel's own limit (PATH_MAX).
  static let longestName = 4096
  private static let headerSize = 110
  private static let trailer = Array("TRAILER!!!".utf8)

  private enum State {
    case header
    case name(size: Int, mode: UInt32, dataSize: Int)
    case data(rest: Int, padding: Int)
    case padding(rest: Int)
    case finished
  }

  private var state = State.header
  private var buffer: [UInt8] = []
  private var entry: CPIOEntry?
  private var captured: [UInt8]?
  private var captureLimit = 0
  /// Bytes taken so far.
  private(set) var consumed = 0

  /// How many bytes of a member's data are kept; nil for none of it.
  var capture: @Sendable (CPIOEntry) -> Int? = { _ in nil }

  var isFinished: Bool {
    if case .finished = state { true } else { false }
  }

  /// Takes bytes up to the end of the archive and reports each member once its data has passed.
  ///
  /// Returns how many of `bytes` belong to the archive: fewer than given only when it is finished.
  mutating func feed(
    _ bytes: UnsafeRawBufferPointer, _ member: (CPIOEntry, [UInt8]?) throws(InitramfsError) -> Void
  ) throws(InitramfsError) -> Int {
    var position = 0
    while position < bytes.count, !isFinished {
      let taken: Int
      switch state {
      case .header:
        taken = collect(bytes, from: position, upTo: Self.headerSize)
        consumed += taken
        if buffer.count == Self.headerSize { try parseHeader() }
      case .name(let size, let mode, let dataSize):
        let padded = size + Self.padding(Self.headerSize + size)
        taken = collect(bytes, from: position, upTo: padded)
        consumed += taken
        if buffer.count == padded { try parseName(size, mode, dataSize, member) }
      case .data(let rest, let padding):
        taken = min(rest, bytes.count - position)
        if let kept = captured {
          let wanted = min(taken, captureLimit - kept.count)
          captured?.append(contentsOf: bytes[position..<(position + wanted)])
        }
        consumed += taken
        if taken == rest {
          try report(member)
          state = padding > 0 ? .padding(rest: padding) : .header
        } else {
          state = .data(rest: rest - taken, padding: padding)
        }
      case .padding(let rest):
        taken = min(rest, bytes.count - position)
        consumed += taken
        state = taken == rest ? .header : .padding(rest: rest - taken)
      case .finished:
        return position
      }
      position += taken
    }
    return position
  }

  private mutating func collect(_ bytes: UnsafeRawBufferPointer, from position: Int, upTo size: Int) -> Int {
    let count = min(size - buffer.count, bytes.count - position)
    buffer.append(contentsOf: bytes[position..<(position + count)])
    return count
  }

  private mutating func parseHeader() throws(InitramfsError) {
    let start = consumed - Self.headerSize
    guard buffer.starts(with: Array("07070".utf8)), buffer[5] == 0x31 || buffer[5] == 0x32 else {
      throw .damaged(offset: start, "a member has no header")
    }
    let mode = try number(1, start)
    let dataSize = try number(6, start)
    let nameSize = try number(11, start)
    guard nameSize > 0, nameSize <= Self.longestName else {
      throw .damaged(offset: start, "a member's name has \(nameSize) bytes")
    }
    buffer.removeAll(keepingCapacity: true)
    state = .name(size: Int(nameSize), mode: mode, dataSize: Int(dataSize))
  }

  /// The header's number of that index: the magic is followed by inode (0), mode (1) … name size (11), checksum (12).
  private func number(_ index: Int, _ start: Int) throws(InitramfsError) -> UInt32 {
    var value: UInt32 = 0
    for byte in buffer[(6 + index * 8)..<(14 + index * 8)] {
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: throw .damaged(offset: start, "a header holds something else than numbers")
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  private mutating func parseName(
    _ size: Int, _ mode: UInt32, _ dataSize: Int, _ member: (CPIOEntry, [UInt8]?) throws(InitramfsError) -> Void
  ) throws(InitramfsError) {
    let name = buffer[..<size].prefix { $0 != 0 }
    let isTrailer = name.elementsEqual(Self.trailer)
    let found = CPIOEntry(path: Self.normalised(String(decoding: name, as: UTF8.self)), mode: mode, size: dataSize)
    buffer.removeAll(keepingCapacity: true)
    if isTrailer {
      state = .finished
      return
    }
    entry = found
    let limit = capture(found)
    captureLimit = limit ?? 0
    captured = limit.map { _ in [] }
    if dataSize > 0 {
      state = .data(rest: dataSize, padding: Self.padding(dataSize))
    } else {
      try report(member)
      state = .header
    }
  }

  private mutating func report(_ member: (CPIOEntry, [UInt8]?) throws(InitramfsError) -> Void) throws(InitramfsError) {
    guard let entry else { return }
    try member(entry, captured)
    self.entry = nil
    captured = nil
  }

  private static func normalised(_ path: String) -> String {
    var path = path[...]
    while path.hasPrefix("./") || path.hasPrefix("/") { path = path.dropFirst(path.hasPrefix("/") ? 1 : 2) }
    return String(path)
  }

  private static func padding(_ size: Int) -> Int { (4 - size % 4) % 4 }
}
