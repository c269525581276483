import Support

/// One kind of backup: recognises it by its content.
protocol BackupFormat: Sendable {
  /// What it is called in messages, "an OVA or OVF".
  static var name: String { get }

  /// The backup at `location`, ready to be read, or nil where it is not of this kind. Reads little: heads and names.
  ///
  /// - Throws: `backup.ambiguous` where there are several machines and the options name none of them; what keeps the
  ///   files from being looked at.
  static func detect(_ location: BackupLocation) throws(AscendError) -> (any BackupSource)?
}

/// A backup that was recognised.
protocol BackupSource: Sendable {
  /// Reads it whole. Nothing is written and nothing unpacked.
  ///
  /// - Parameters:
  ///   - checkDigests: Whether to compare every file with the digest that the backup holds of it.
  ///   - progress: Sees the digests being checked.
  func read(checkDigests: Bool, progress: @escaping BackupReader.Progress) async throws(AscendError) -> Backup
}
