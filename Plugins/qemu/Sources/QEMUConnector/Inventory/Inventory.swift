import ConnectorKit
import ConnectorProtocol
import Foundation

/// What there is on this computer to map onto.
struct Inventory: Sendable {
  static let storageID = "folder"
  static let storageName = "Folder of the machines"
  static let hostID = "host"

  var store: MachineStore
  var host: Host
  var settings: Settings

  func list(_ request: InventoryList, now: Date = Date()) throws -> InventoryList.Result {
    let kind: InventoryKind = try request.known()
    let items = try items(kind)
    return try request.result(items, now: now)
  }

  private func items(_ kind: InventoryKind) throws -> [InventoryList.Item] {
    switch kind {
    case .network: return Network.allCases.map { InventoryList.Item(id: $0.id, name: $0.title) }
    case .storage:
      let facts = try Failure.translating("Looking at \(store.path)", outcome: .none) {
        try FolderFacts.look(store.path)
      }
      return [
        InventoryList.Item(
          id: Self.storageID, name: Self.storageName, path: store.path,
          attributes: ["freeBytes": .integer(facts.freeBytes), "totalBytes": .integer(facts.totalBytes)],
          eligible: facts.isWritable, why: facts.isWritable ? nil : "This user may not write \(facts.nearest).")
      ]
    case .instanceType:
      return [
        InventoryList.Item(
          id: Self.hostID, name: "This computer",
          attributes: ["cpus": .integer(Int64(host.processors)), "memoryBytes": .integer(memory)])
      ]
    }
  }

  private var memory: Int64 { min(settings.memoryLimit ?? host.memoryBytes, host.memoryBytes) }

  func suggest(_ machine: MachineDescription) -> SizingSuggest.Result {
    let fits = machine.cpu.count <= host.processors && machine.memoryBytes <= memory
    let have = "\(host.processors) processors and \(ByteSize.text(memory)) of memory"
    return SizingSuggest.Result(suggestions: [
      SizingSuggest.Suggestion(
        instanceType: Self.hostID, fits: fits,
        reason: fits ? "this computer has \(have)" : "this computer has only \(have)")
    ])
  }
}
