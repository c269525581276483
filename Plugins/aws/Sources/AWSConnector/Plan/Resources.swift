import ConnectorProtocol

/// What a job makes on the platform, as it stands in the ledger.
struct Resources: Sendable {
  static let machine = "machine"
  static let image = "image"
  static let snapshot = "snapshot"
  static let volume = "volume"

  var plan: MachinePlan

  func snapshot(_ disk: Int) -> Resource {
    Resource(
      kind: Self.snapshot, name: Self.snapshotName(plan.name, disk), parent: plan.region,
      temporary: !plan.keepSnapshots, costBearing: true, details: ["disk": String(disk)])
  }

  static func snapshotName(_ machine: String, _ disk: Int) -> String { "\(machine)-disk\(disk)" }

  /// Snapshots cannot go before the image that is made of them.
  var image: Resource {
    Resource(
      kind: Self.image, name: Mark.imageName(plan.job), parent: plan.region,
      dependsOn: plan.disks.map { snapshot($0.index).name }, temporary: true)
  }

  /// The instance, with its volumes and network interfaces: they end with it.
  var machine: Resource {
    Resource(
      kind: Self.machine, name: plan.name, parent: plan.zone, dependsOn: [image.name], costBearing: true)
  }

  /// What would be made, for the plan.
  var all: [Resource] { plan.disks.map { snapshot($0.index) } + [image, machine] }
}
