import ConnectorProtocol
import Disks
import Foundation
import Support

/// Reads an exported Hyper-V machine, its disks with the differencing disks on them, and its checkpoints.
struct HyperVReader: BackupSource {
  /// The export's folder.
  var folder: String
  var file: BackupFile
  var options: ReadOptions

  private static let mostCheckpoints = 256

  func read(checkDigests: Bool, progress: @escaping BackupReader.Progress) async throws(AscendError) -> Backup {
    let read = try parse(file)
    var findings = read.findings + [DigestCheck.noDigests]
    var known = CheckedChains()
    let (machine, disks) = try await place(read, in: file, &known)
    var points = try await checkpoints(machine, disks, &known, &findings)
    if points.isEmpty {
      points = try await ChainPoints.of(disks, within: folder, known: &known, findings: &findings)
    }
    return Backup(
      name: machine.name, platform: "hyperv", product: read.product, kind: .hyperv, path: file.path, machine: machine,
      disks: disks, losses: read.losses, findings: findings, points: points)
  }

  private func parse(_ file: BackupFile) throws(AscendError) -> HyperVMachine {
    let bytes = try file.contents(limit: HyperVStorage.longest)
    do {
      let root = HyperVStorage.isStorage(bytes) ? try HyperVStorage.parse(bytes) : try HyperVText.parse(bytes)
      let name = ((file.name as NSString).lastPathComponent as NSString).deletingPathExtension
      return try HyperVMachine(root, fallbackName: name, options: options)
    } catch {
      let reason =
        (error as? HyperVStorage.Malformed)?.reason ?? (error as? HyperVText.Malformed)?.reason
        ?? (error as? HyperVMachine.Malformed)?.reason
      throw AscendError(
        "backup.descriptorMalformed", "The configuration \((file.name as NSString).lastPathComponent) cannot be used",
        object: file.path, cause: reason ?? "it is not valid",
        remedy: "Export the machine again, or add its disks alone and say what the machine was (--cpus, --memory)")
    }
  }

  /// The description with its disks, and their images.
  private func place(_ read: HyperVMachine, in file: BackupFile, _ known: inout CheckedChains)
    async throws(AscendError) -> (MachineDescription, [BackupDisk])
  {
    var machine = read.machine
    var disks: [BackupDisk] = []
    for (index, drive) in read.drives.enumerated() {
      let label = "\(drive.controller):\(drive.unit)"
      guard let path = try SourceLocator(folder).find(drive.path, below: "Virtual Hard Disks") else {
        throw SourceLocator.missing(label, drive.path, in: file.path)
      }
      let chain = try await DiskChain.resolve(
        DiskChain.parents(of: path, within: folder), within: folder, known: &known)
      machine.disks.append(
        .init(
          index: index, name: WindowsPath.lastComponent(drive.path), sizeBytes: chain.virtualSizeBytes,
          boot: index == 0, controller: drive.controller, unit: drive.unit))
      disks.append(BackupDisk(index: index, chain: chain))
    }
    return (machine, disks)
  }

  /// The checkpoints, each with the machine as it was then, and the machine as it was last; the oldest first.
  private func checkpoints(
    _ machine: MachineDescription, _ current: [BackupDisk], _ known: inout CheckedChains,
    _ findings: inout [String]
  ) async throws(AscendError) -> [RestorePoint] {
    guard let place = HyperVFormat.subfolder(HyperVFormat.snapshots, of: folder) else { return [] }
    var points: [RestorePoint] = []
    for file in try HyperVFormat.configurations(in: place, root: folder).prefix(Self.mostCheckpoints) {
      let id = ((file.name as NSString).lastPathComponent as NSString).deletingPathExtension.lowercased()
      do {
        let read = try parse(file)
        let (then, disks) = try await self.place(read, in: file, &known)
        points.append(
          RestorePoint(
            id: "checkpoint-\(id)", name: then.name, takenAt: read.createdAt.map(Timestamp.text), machine: then,
            disks: disks))
      } catch  where ["backup.diskMissing", "disk.parentMissing", "backup.descriptorMalformed"].contains(error.code) {
        findings.append("The checkpoint \(id) cannot be restored: \(error.message)")
      }
    }
    guard !points.isEmpty else { return [] }
    points.sort { ($0.depth, $0.takenAt ?? "", $0.id) < ($1.depth, $1.takenAt ?? "", $1.id) }
    points.append(RestorePoint(id: "current", machine: machine, disks: current))
    for index in points.indices { points[index].parent = Self.parent(of: points[index], among: points) }
    // Taken from a checkpoint on, a name would be that of the checkpoint.
    for index in points.indices { points[index].machine?.name = machine.name }
    return points
  }

  /// The nearest point whose disk the disk of this one stands on.
  private static func parent(of point: RestorePoint, among points: [RestorePoint]) -> String? {
    guard let layers = point.disks.first?.chain.layers.dropLast() else { return nil }
    return points.filter { other in
      other.id != point.id && layers.contains { $0.path == other.disks.first?.chain.layers.last?.path }
    }.max { $0.depth < $1.depth }?.id
  }
}

extension RestorePoint {
  /// How many images its first disk has.
  fileprivate var depth: Int { disks.first?.chain.layers.count ?? 0 }
}
