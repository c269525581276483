import Disks
import Foundation
public import Support

/// Finds out what kind of backup a path is, from its content, and reads it. Nothing is written and nothing unpacked.
public enum BackupReader {
  /// Gets how many bytes have been checked, and of how many.
  public typealias Progress = @Sendable (_ done: Int64, _ total: Int64) -> Void

  /// Reads the backup at `path`: an OVA, an OVF descriptor or its folder, or a folder with a `backup.json`.
  ///
  /// - Parameters:
  ///   - checkDigests: Whether to compare every file with the digest that the backup holds of it, which reads them all.
  ///   - progress: Sees the digests being checked.
  /// - Throws: `backup.notFound`, `backup.notRecognised`, `backup.ambiguous`, `backup.unreadable`, `backup.tooLarge`,
  ///   `backup.descriptorMalformed`, `backup.manifestMalformed`, `backup.memberMissing`, `backup.diskMissing`,
  ///   `backup.diskTruncated`, `backup.digestMismatch`, `backup.unsupported`, `archive.…`, and what
  ///   `DiskChain.resolve` throws.
  public static func read(_ path: String, checkDigests: Bool = true, progress: @escaping Progress = { _, _ in })
    async throws(AscendError) -> Backup
  {
    guard let found = realpath(path, nil) else {
      throw AscendError.system(
        errno == ENOENT ? "backup.notFound" : "backup.unreadable", "The backup cannot be found", object: path,
        errno: errno, remedy: "Check the path, and the rights of this account on it")
    }
    let real = String(cString: found)
    free(found)
    switch try BackupDetector.detect(real) {
    case .document(let reader): return try await reader.read(checkDigests: checkDigests, progress: progress)
    case .ovf(let reader): return try await reader.read(checkDigests: checkDigests, progress: progress)
    }
  }
}
