/// A file in an archive, where it lies.
struct ArchiveMember: Hashable, Sendable {
  var name: String
  /// Where its bytes start in the archive.
  var offset: Int64
  var size: Int64
  /// Seconds since 1970; 0 where the archive does not say.
  var modified: Int64
}
