import Foundation

/// The SHA-256 of each block of a disk that is not zeros, in a sparse file: 32 bytes a block, whatever is where.
///
/// It costs no memory, and space only for blocks that hold data (64 KiB a GiB). What it is for: the aggregate that EBS
/// checks, to go on after an interruption, and to send only what has changed when the machine is restored again.
final class BlockMap: Sendable {
  static let entryBytes = 32
  static let zero = [UInt8](repeating: 0, count: entryBytes)
  private static let window = 4096
  /// `SEEK_DATA` of Linux, which Glibc keeps for GNU sources.
  private static let seekData: Int32 = 3

  let path: String
  private let descriptor: Int32

  /// - Parameter creating: Makes it where it is not there; otherwise that is nil.
  init?(_ path: String, creating: Bool) {
    self.path = path
    descriptor = Glibc.open(path, (creating ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return nil }
  }

  deinit { Glibc.close(descriptor) }

  /// Zeros where there is none.
  ///
  /// - Throws: `POSIXError`: what cannot be read must not pass for zeros.
  subscript(index: Int64) -> [UInt8] {
    get throws {
      var entry = Self.zero
      let count = entry.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, Self.entryBytes, off_t(index) * off_t(Self.entryBytes))
      }
      guard count >= 0 else { throw Self.failure }
      return count == Self.entryBytes ? entry : Self.zero
    }
  }

  private static var failure: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }

  func set(_ digest: [UInt8], at index: Int64) throws {
    let count = digest.withUnsafeBytes {
      pwrite(descriptor, $0.baseAddress, Self.entryBytes, off_t(index) * off_t(Self.entryBytes))
    }
    guard count == Self.entryBytes else { throw Self.failure }
  }

  /// Makes what was set outlive a crash of this computer.
  func flush() throws {
    guard fdatasync(descriptor) == 0 else { throw Self.failure }
  }

  /// The first block from `index` on that may have an entry; nil where none has.
  func next(from index: Int64) throws -> Int64? {
    let offset = lseek(descriptor, off_t(index) * off_t(Self.entryBytes), Self.seekData)
    if offset >= 0 { return max(index, Int64(offset) / Int64(Self.entryBytes)) }
    guard errno == ENXIO else { throw Self.failure }
    return nil
  }

  /// Blocks that have an entry here or in `other`, in order, with both entries. Reads a window at a time.
  static func forEach(
    _ map: BlockMap, _ other: BlockMap?,
    _ body: (_ index: Int64, _ entry: [UInt8], _ other: [UInt8]) async throws -> Void
  ) async throws {
    var index: Int64 = 0
    while let start = [try map.next(from: index), try other?.next(from: index)].compactMap(\.self).min() {
      try Task.checkCancellation()
      let first = try map.entries(from: start)
      let second = try other?.entries(from: start) ?? []
      for place in 0..<window {
        let entry = Self.entry(first, place)
        let earlier = Self.entry(second, place)
        if entry != zero || earlier != zero { try await body(start + Int64(place), entry, earlier) }
      }
      index = start + Int64(window)
    }
  }

  private func entries(from index: Int64) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: Self.window * Self.entryBytes) { buffer, filled in
      let count = pread(
        descriptor, buffer.baseAddress, Self.window * Self.entryBytes, off_t(index) * off_t(Self.entryBytes))
      guard count >= 0 else { throw Self.failure }
      filled = count
    }
  }

  private static func entry(_ entries: [UInt8], _ place: Int) -> [UInt8] {
    let start = place * entryBytes
    return start + entryBytes <= entries.count ? Array(entries[start..<start + entryBytes]) : zero
  }
}

/// Where the maps of snapshots lie.
struct BlockMapFolder: Sendable {
  var path: String

  /// Of a snapshot that is complete.
  func whole(_ snapshot: String) -> String { "\(path)/blocks-\(Self.plain(snapshot)).map" }

  /// Of one that is being sent.
  func part(_ snapshot: String) -> String { "\(path)/blocks-\(Self.plain(snapshot)).part" }

  func finish(_ snapshot: String) { rename(part(snapshot), whole(snapshot)) }

  func remove(_ snapshot: String) {
    unlink(part(snapshot))
    unlink(whole(snapshot))
  }

  /// Ids come from a server: nothing of them leaves the folder.
  private static func plain(_ id: String) -> String {
    String(id.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }.prefix(64))
  }
}
