/// Who may do what with a file, as NTFS keeps it.
struct SecurityDescriptor: Sendable, Hashable {
  private static let system: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]
  private static let administrators: [UInt8] = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0]
  /// Writing, appending, deleting, and changing attributes, access or owner.
  private static let changing: UInt64 = 0x500d_0156

  /// Whether anybody but the system and the administrators may change it; true where that cannot be read.
  var othersMayWrite: Bool

  init(_ raw: [UInt8]) {
    let bytes = NTFSBytes(raw)
    let list = Int(bytes.number(16, 4))
    // Without a list everybody may do everything.
    guard bytes.number(2, 2) & 4 != 0, list >= 20, list + 8 <= raw.count else {
      othersMayWrite = true
      return
    }
    var offset = list + 8
    for _ in 0..<bytes.number(list + 4, 2) {
      let size = Int(bytes.number(offset + 2, 2))
      guard size >= 16, offset + size <= raw.count else {
        othersMayWrite = true
        return
      }
      let holder = raw[(offset + 8)..<(offset + size)]
      let isTrusted = holder.starts(with: Self.system) || holder.starts(with: Self.administrators)
      // The first kind of entry allows.
      if raw[offset] == 0, !isTrusted, bytes.number(offset + 4, 4) & Self.changing != 0 {
        othersMayWrite = true
        return
      }
      offset += size
    }
    othersMayWrite = false
  }
}
