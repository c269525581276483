/// One member of a cpio archive, without its data.
struct CPIOEntry: Hashable, Sendable {
  /// The path as stored, without a leading `./` or `/`.
  var path: String
  var mode: UInt32
  var size: Int

  var isDirectory: Bool { mode & 0o170000 == 0o040000 }
  var isRegular: Bool { mode & 0o170000 == 0o100000 }
  var isSymbolicLink: Bool { mode & 0o170000 == 0o120000 }
}
