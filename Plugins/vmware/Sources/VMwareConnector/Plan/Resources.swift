import ConnectorProtocol

/// What a job makes on the platform, as it stands in the ledger.
struct Resources: Sendable {
  static let machine = "machine"
  static let carrier = "carrier"
  static let folder = "folder"
  static let export = "export"

  var plan: MachinePlan

  /// The machine, with its first disk where the delivery brings them together.
  var machine: Resource {
    Resource(
      kind: Self.machine, name: plan.name, parent: plan.placement?.folderPath, dependsOn: [], costBearing: false,
      details: details)
  }

  /// A machine that carries one disk until the restored machine takes it.
  func carrier(_ disk: Int) -> Resource {
    Resource(
      kind: Self.carrier, name: NameRule.carrier(plan.name, job: plan.job, disk: disk),
      parent: plan.placement?.folderPath, temporary: true, details: details)
  }

  /// A folder of a datastore that disks wait in.
  func folder(_ path: DatastorePath) -> Resource {
    var details = details
    details["path"] = path.description
    return Resource(kind: Self.folder, name: path.description, temporary: true, details: details)
  }

  private var details: [String: String] {
    guard let placement = plan.placement else { return [:] }
    return [
      "folder": placement.folder.id, "datacenter": placement.datacenter.id,
      "datacenterPath": placement.datacenterPath,
    ]
  }

  /// What would be made, for the plan.
  var all: [Resource] {
    switch plan.delivery {
    case .lease: [machine] + plan.disks.dropFirst().map { carrier($0.index) }
    case .datastore: DatastoreFolder.all(plan).map(folder) + [machine]
    case .ova: [ExportFolder.resource(plan)]
    }
  }
}
