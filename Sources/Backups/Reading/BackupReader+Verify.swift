import ConnectorProtocol
import Disks
import Foundation
public import Support

extension BackupReader {
  /// Checks a backup as far as it lets itself be checked: its description, its digests, the structure of its images.
  ///
  /// Findings go into the report; only what keeps the check itself from being made is thrown.
  ///
  /// - Throws: `cancelled`, `tool.…`.
  public static func verify(_ backup: Backup, progress: @escaping Progress = { _, _ in }) async throws(AscendError)
    -> VerifyReport
  {
    if backup.origin != nil {
      return VerifyReport(checks: [
        .init(
          object: backup.path, kind: "description", outcome: .notChecked,
          detail: "Its disks lie on a platform, which was not asked")
      ])
    }
    var checks = [try await describe(backup)]
    let total = backup.digests.filter(\.isKnown).reduce(0) { $0 + $1.length }
    var done: Int64 = 0
    for digest in backup.digests {
      guard digest.isKnown else {
        checks.append(
          .init(
            object: digest.member, kind: "digest", outcome: .notChecked,
            detail: "The backup holds its \(digest.algorithm) digest, which is not computed here"))
        continue
      }
      let before = done
      checks.append(try await check(digest) { progress(before + $0, total) })
      done += digest.length
    }
    if backup.digests.isEmpty {
      checks.append(
        .init(
          object: backup.path, kind: "digest", outcome: .notChecked, detail: "The backup holds no digests of its files")
      )
    }
    for layer in backup.images { checks.append(try await check(layer)) }
    return VerifyReport(checks: checks)
  }

  /// Reads the backup anew: what it says must still be what was catalogued.
  private static func describe(_ backup: Backup) async throws(AscendError) -> VerifyReport.Check {
    func check(_ outcome: VerifyReport.Outcome, _ detail: String) -> VerifyReport.Check {
      .init(object: backup.path, kind: "description", outcome: outcome, detail: detail)
    }
    do {
      let now = try await read(backup.path, options: backup.options, checkDigests: false)
      guard now.machine == backup.machine, now.disks.map(\.chain.layers) == backup.disks.map(\.chain.layers),
        now.points.map(\.id) == backup.points.map(\.id)
      else {
        return check(.failed, "The backup describes another machine than when it was added")
      }
      return check(.passed, "The description is readable and the disks are all there")
    } catch {
      if error.code == "cancelled" { throw error }
      return check(.failed, error.description)
    }
  }

  private static func check(_ digest: RecordedDigest, _ progress: @escaping @Sendable (Int64) -> Void)
    async throws(AscendError) -> VerifyReport.Check
  {
    let kind = "digest"
    do {
      let matches = try await DigestCheck.matches(digest, progress: progress)
      return .init(
        object: digest.member, kind: kind, outcome: matches ? .passed : .failed,
        detail: matches
          ? "The \(digest.algorithm) of its \(digest.length) bytes is the one that the backup holds"
          : DigestCheck.mismatch(digest).description)
    } catch {
      if error.code == "cancelled" { throw error }
      return .init(object: digest.member, kind: kind, outcome: .failed, detail: error.description)
    }
  }

  private static func check(_ layer: ImageLayer) async throws(AscendError) -> VerifyReport.Check {
    func check(_ outcome: VerifyReport.Outcome, _ detail: String) -> VerifyReport.Check {
      .init(object: layer.path, kind: "image", outcome: outcome, detail: detail)
    }
    switch try await ImageCheck.run(layer) {
    case .sound: return check(.passed, "The tables of the \(layer.format) image agree with each other")
    case .damaged(let why): return check(.failed, "The tables of the \(layer.format) image are damaged: \(why)")
    case .unsupported: return check(.notChecked, "The format \(layer.format) has no tables that could be checked")
    }
  }
}
