import Foundation
import Support
import Synchronization

/// Compares a backup's files with the digests that it holds of them.
enum DigestCheck {
  /// The finding for a backup of a kind that has none.
  static let noDigests = "The backup holds no digests: nothing tells whether its files are as they were written"

  /// The digests of `manifest` joined with the files they speak of, and what of them cannot be checked.
  static func join(_ manifest: DigestManifest, _ files: some BackupFiles, _ object: String) throws(AscendError)
    -> (digests: [RecordedDigest], findings: [String])
  {
    var digests: [RecordedDigest] = []
    var findings: [String] = []
    for line in manifest.lines {
      guard let name = MemberName.clean(line.member), let file = try files.file(name) else {
        throw AscendError(
          "backup.memberMissing", "The backup's manifest names a file that is not there", object: line.member,
          remedy: "Copy the backup again, with all of its files")
      }
      let algorithm = RecordedDigest.Algorithm(rawValue: line.algorithm)
      // One of another kind is kept as well: what cannot be checked is said whenever somebody verifies the backup.
      if algorithm.digits == nil {
        findings.append("The manifest's \(line.algorithm) digest of \(line.member) was not checked")
      }
      guard line.value.utf8.count == algorithm.digits ?? line.value.utf8.count else {
        throw AscendError(
          "backup.manifestMalformed", "The manifest's digest of \(line.member) has the wrong length", object: object,
          remedy: "Copy the backup again")
      }
      digests.append(
        RecordedDigest(
          member: name, path: file.path, offset: file.offset, length: file.length, algorithm: algorithm,
          value: line.value))
    }
    return (digests, findings)
  }

  static func mismatch(_ digest: RecordedDigest) -> AscendError {
    AscendError(
      "backup.digestMismatch", "\(digest.member) is not what the backup's manifest says", object: digest.path,
      cause: "its \(digest.algorithm) digest differs",
      remedy: "The backup was damaged or changed: copy it again from where it was exported")
  }
}

extension DigestCheck {
  /// Checks all of `digests` that can be computed, away from the caller's thread: a large backup takes minutes.
  static func checkAll(_ digests: [RecordedDigest], _ progress: @escaping BackupReader.Progress)
    async throws(AscendError)
  {
    let known = digests.filter(\.isKnown)
    let total = known.reduce(0) { $0 + $1.length }
    var done: Int64 = 0
    for digest in known {
      let before = done
      guard try await matches(digest, progress: { progress(before + $0, total) }) else { throw mismatch(digest) }
      done += digest.length
    }
  }

  /// Whether the file has the digest; read on a thread of its own, so that the tasks of others go on.
  static func matches(_ digest: RecordedDigest, progress: @escaping @Sendable (Int64) -> Void)
    async throws(AscendError) -> Bool
  {
    let stopped = Mutex(false)
    let result: Result<Bool, AscendError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          continuation.resume(
            returning: Result { () throws(AscendError) in
              var read: Int64 = 0
              let slice = try FileSlice(digest.path, offset: digest.offset ?? 0, length: digest.length)
              let value = try FileHash.hex(slice, digest.algorithm, isCancelled: { stopped.withLock(\.self) }) {
                read += $0
                progress(read)
              }
              return value == digest.value
            })
        }
      }
    } onCancel: {
      stopped.withLock { $0 = true }
    }
    return try result.get()
  }
}
