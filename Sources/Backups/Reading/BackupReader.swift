public import Support

/// Finds out what kind of backup a path is, from its content, and reads it. Nothing is written and nothing unpacked.
public enum BackupReader {
  /// Gets how many bytes have been checked, and of how many.
  public typealias Progress = @Sendable (_ done: Int64, _ total: Int64) -> Void

  /// Reads the backup at `path`, of whatever kind it is: a file, or the folder that holds it.
  ///
  /// - Parameters:
  ///   - options: Which of several machines, and what the backup itself does not say.
  ///   - checkDigests: Whether to compare every file with the digest that the backup holds of it, which reads them all.
  ///   - progress: Sees the digests being checked.
  /// - Throws: `backup.notFound`, `backup.notRecognised`, `backup.ambiguous`, `backup.machineUnknown`,
  ///   `backup.configurationUnknown`, `backup.unreadable`, `backup.tooLarge`, `backup.descriptorMalformed`,
  ///   `backup.manifestMalformed`, `backup.memberMissing`, `backup.diskMissing`, `backup.diskTruncated`,
  ///   `backup.digestMismatch`, `backup.encrypted`, `backup.unsupported`, `archive.…`, and what `DiskChain.resolve` throws.
  public static func read(
    _ path: String, options: ReadOptions = ReadOptions(), checkDigests: Bool = true,
    progress: @escaping Progress = { _, _ in }
  ) async throws(AscendError) -> Backup {
    let source = try BackupFormats.detect(BackupLocation(path, options: options))
    var backup = try await source.read(checkDigests: checkDigests, progress: progress)
    try await backup.unwrapDisks()
    try backup.noteSnapshotsWithinImages()
    options.apply(to: &backup)
    return backup
  }
}
