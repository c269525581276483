import ConnectorProtocol
import Connectors
import Guests
public import Planning
public import Support

extension PlanningService {
  /// Where `backup` could be restored, judged by what installed connectors declare; no platform is reached.
  public func matrix(
    of backup: BackupRecord, options: RestoreOptions, notice: @escaping @Sendable (String) -> Void
  ) async throws(AscendError) -> PlanMatrix {
    let guest = try await guest(of: backup, options, notice)
    let found = engine.connectors.discover().installations.map(\.document)
    let targets = try engine.store.targets()
    let drivers = try driverSources(options, guest)
    let rules = try RuleSet(adding: options.rules)
    var rows: [PlanMatrix.Row] = []
    for target in targets {
      guard let document = found.first(where: { $0.id == target.platform }) else {
        rows.append(PlanMatrix.Row(target: target.name, withoutConnectorFor: target.platform, rules: rules))
        continue
      }
      rows.append(try await row(backup, target.name, document, options, guest, drivers))
    }
    for document in found where !targets.contains(where: { $0.platform == document.id }) {
      rows.append(try await row(backup, nil, document, options, guest, drivers))
    }
    return PlanMatrix(
      backup: .init(id: backup.id, name: backup.label, platform: backup.sourcePlatform), rows: rows)
  }

  private func row(
    _ backup: BackupRecord, _ target: String?, _ document: CapabilityDocument, _ options: RestoreOptions,
    _ guest: GuestFacts?, _ drivers: DriverIndex
  ) async throws(AscendError) -> PlanMatrix.Row {
    let inputs = try await inputs(
      backup, target: .init(name: target ?? document.id, platform: document.id), document: document, options: options,
      guest: guest, drivers: drivers)
    var plan = Planner.draft(inputs)
    plan.bootProof = try outlook(on: plan, inputs)
    return PlanMatrix.Row(plan: plan, target: target)
  }
}
