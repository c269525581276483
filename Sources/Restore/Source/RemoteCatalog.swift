public import Backups
import ConnectorProtocol
import Connectors
import Disks
import Foundation
public import Support

extension RestoreEngine {
  /// Adds disks that lie on a platform to the catalog, as one machine. What they hold stays there.
  ///
  /// - Parameters:
  ///   - addresses: Of one scheme; their disks, in this order, are those of the machine.
  ///   - name: The target that says how the platform is reached; nil where only one could be meant.
  ///   - backupName: What it is called in the catalog; nil for its own name.
  /// - Throws: `backup.unsupported` where nothing reads such addresses; `target.unknown`; `connector.…`.
  public func addRemote(
    _ addresses: [String], target name: String?, options: ReadOptions, backupName: String?
  ) async throws(AscendError) -> BackupRecord {
    let target = try sourceTarget(addresses, name)
    let origin = RemoteOrigin(target: target.id, platform: target.platform, addresses: addresses)
    let known = try? store.backup(origin.path, points: false)
    do {
      return try await withSource(origin) { source in
        var backup = try await RemoteBackup.make(
          origin, source.opened, sockets: source.sockets, options: options, known: known?.backup)
        if let backupName { backup.name = backupName }
        return try store.addBackup(backup.withdrawn, fingerprint: BackupFingerprint.of(backup))
      }
    } catch {
      throw Self.hostError(error, target: target)
    }
  }

  /// The target that a backup's addresses are read through.
  private func sourceTarget(_ addresses: [String], _ name: String?) throws(AscendError) -> TargetRecord {
    let schemes = Set(addresses.map { BackupAddress.scheme($0) })
    guard let scheme = schemes.first.flatMap(\.self), schemes.count == 1 else {
      throw AscendError(
        "backup.unsupported", "These are not the disks of one machine", object: addresses.joined(separator: " "),
        cause: "they are paths and addresses, or addresses of several kinds", remedy: "Name disks of one place")
    }
    let readers = connectors.discover().installations.filter { installation in
      installation.document.sources?.contains { $0.scheme == scheme } ?? false
    }
    if let name {
      let target = try store.target(name)
      guard readers.contains(where: { $0.id == target.platform }) else {
        throw unread(scheme, readers.map(\.id), "the target \(name) is one of \(target.platform)")
      }
      return target
    }
    guard !readers.isEmpty else { throw unread(scheme, [], "no connector that is installed reads them") }
    let targets = try store.targets().filter { target in readers.contains { $0.id == target.platform } }
    guard targets.count == 1 else {
      throw AscendError(
        "backup.targetNeeded", "\(scheme):// addresses are read through a target", object: addresses.first,
        cause: targets.isEmpty
          ? "none of \(readers.map(\.id).joined(separator: ", ")) is defined"
          : "there are \(targets.map(\.name).joined(separator: ", "))",
        remedy: targets.isEmpty
          ? "Add one with `ascend targets add NAME --platform \(readers[0].id)`, then name it with --target"
          : "Name one with --target")
    }
    return targets[0]
  }

  private func unread(_ scheme: String, _ readers: [String], _ cause: String) -> AscendError {
    AscendError(
      "backup.unsupported", "\(scheme):// addresses cannot be read here", cause: cause,
      remedy: readers.isEmpty
        ? "Install a connector that reads them, or copy the content into a folder and name that"
        : "Name a target of \(readers.joined(separator: " or "))")
  }

  /// Checks that what the platform holds is what was added. Findings go into the report.
  ///
  /// - Throws: `cancelled`.
  public func verifyOrigin(of record: BackupRecord) async throws(AscendError) -> VerifyReport {
    @Sendable func report(_ outcome: VerifyReport.Outcome, _ detail: String) -> VerifyReport {
      VerifyReport(checks: [.init(object: record.path, kind: "description", outcome: outcome, detail: detail)])
    }
    do {
      return try await withDisks(of: record) { opened in
        report(.passed, "The platform holds its \(opened.backup.disks.count) disks as they were added")
      }
    } catch {
      if error.code == "cancelled" { throw error }
      return report(.failed, error.description)
    }
  }
}
