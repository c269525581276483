public import ConnectorProtocol
import Connectors
public import Support

extension RestoreEngine {
  /// What a target's connector says of its configuration, without reaching the platform.
  public func validate(_ target: TargetRecord) async throws(AscendError) -> [Diagnostic] {
    let installation = try connectors.find(target.platform)
    do {
      let options = sessionOptions(target, workFolder: browsingFolder(target))
      return try await ConnectorSession.with(installation, options: options, events: LoggedEvents(logger: logger)) {
        try await $0.call(ConfigValidate(connection: target.config, phase: .syntax)).diagnostics
      }
    } catch {
      throw Self.hostError(error, target: target)
    }
  }

  /// What `ascend targets check` tells.
  public struct TargetCheck: Codable, Sendable {
    public var state: SessionCheck.State
    public var endpoint: SessionOpen.Endpoint
    public var principal: String?
    public var diagnostics: [Diagnostic]
  }

  /// Reaches a target and asks whether it is ready for work.
  public func check(_ target: TargetRecord) async throws(AscendError) -> TargetCheck {
    let installation = try connectors.find(target.platform)
    do {
      let secrets = try Secrets(state: state).secrets(of: target.id)
      let options = sessionOptions(target, workFolder: browsingFolder(target))
      return try await ConnectorSession.with(installation, options: options, events: LoggedEvents(logger: logger)) {
        let live = try await $0.call(ConfigValidate(connection: target.config, phase: .live)).diagnostics
        let opened = try await $0.open(connection: target.config, secrets: secrets)
        let checked = try await $0.call(SessionCheck())
        return TargetCheck(
          state: checked.state, endpoint: opened.endpoint, principal: opened.principal,
          diagnostics: (live + opened.warnings + checked.diagnostics).reduce(into: []) { unique, diagnostic in
            if !unique.contains(diagnostic) { unique.append(diagnostic) }
          })
      }
    } catch {
      throw Self.hostError(error, target: target)
    }
  }

  /// What there is on a target to map onto, by kind.
  ///
  /// - Throws: `inventory.unknownKind`, naming those that the connector lists.
  public func inventory(
    _ target: TargetRecord, kind: String?
  ) async throws(AscendError) -> [String: [InventoryList.Item]] {
    let offered = try connectors.find(target.platform).document.inventory.map(\.kind)
    if let kind, !offered.contains(kind) {
      throw AscendError(
        "inventory.unknownKind", "The platform has no inventory of this kind", object: kind,
        remedy: "It lists: \(offered.joined(separator: ", "))")
    }
    let kinds = kind.map { [$0] } ?? offered
    return try await browse(target) { session in
      var inventory: [String: [InventoryList.Item]] = [:]
      for kind in kinds {
        var items: [InventoryList.Item] = []
        var token: String?
        repeat {
          let page = try await session.call(InventoryList(kind: kind, pageToken: token))
          items += page.items
          token = page.nextPageToken
        } while token != nil
        inventory[kind] = items
      }
      return inventory
    }
  }
}
