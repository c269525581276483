import ConnectorProtocol

/// What a job makes on the platform, as it stands in the ledger.
struct Resources: Sendable {
  static let machine = "machine"
  static let image = "image"
  static let snapshot = "snapshot"
  static let volume = "volume"
  static let upload = "upload"
  static let object = "object"
  static let importTask = "importTask"

  var plan: MachinePlan

  func snapshot(_ disk: Int) -> Resource {
    Resource(
      kind: Self.snapshot, name: Self.snapshotName(plan.name, disk), parent: plan.region,
      temporary: !plan.keepSnapshots, costBearing: true, details: ["disk": String(disk)])
  }

  static func snapshotName(_ machine: String, _ disk: Int) -> String { "\(machine)-disk\(disk)" }

  // MARK: On the way by S3

  /// An upload that is not completed: its parts cost until it is, or is given up.
  func upload(_ key: String, _ id: String? = nil) -> Resource {
    Resource(kind: Self.upload, name: key, remoteID: id, parent: plan.bucket, temporary: true, costBearing: true)
  }

  func object(_ key: String) -> Resource {
    Resource(kind: Self.object, name: key, remoteID: key, parent: plan.bucket, temporary: true, costBearing: true)
  }

  func importTask(_ disk: Int, _ id: String? = nil) -> Resource {
    Resource(
      kind: Self.importTask, name: Self.snapshotName(plan.name, disk) + "-import", remoteID: id, parent: plan.region,
      temporary: true)
  }

  // MARK: The machine

  /// A disk that is attached to the instance once that is there.
  func volume(_ disk: Int) -> Resource {
    Resource(
      kind: Self.volume, name: Self.snapshotName(plan.name, disk), parent: plan.zone,
      dependsOn: [Self.snapshotName(plan.name, disk)], costBearing: true, details: ["disk": String(disk)])
  }

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

  /// What would be made, for the plan. Of what passes through a bucket only the snapshots stay.
  var all: [Resource] {
    let volumes = plan.attachesDataDisks ? plan.dataDisks.map { volume($0.index) } : []
    return plan.disks.map { snapshot($0.index) } + [image] + volumes + [machine]
  }
}
