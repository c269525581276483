public import ConnectorProtocol
import Disks
import Foundation
public import Support

extension Backup.Kind {
  /// Disks that lie on a platform and are read from there.
  public static let remote: Backup.Kind = "remote"
}

/// Makes a backup of disks that a connector offers.
public enum RemoteBackup {
  /// What the connector says, completed by a description, by the options and by what the disks look like.
  ///
  /// - Parameters:
  ///   - sockets: Where the disks are offered, in their order.
  ///   - known: The backup as it was made before: what was counted then need not be counted again.
  /// - Throws: `backup.unsupported`, `backup.diskMissing`, `disk.unreadable`, `tool.…`, `cancelled`, and what keeps the
  ///   description from being read.
  public static func make(
    _ origin: RemoteOrigin, _ opened: SourceOpen.Result, sockets: [String], options: ReadOptions, known: Backup? = nil
  ) async throws(AscendError) -> Backup {
    try check(origin, opened)
    var chains: [DiskChain] = []
    for (place, disk) in opened.disks.enumerated() {
      var chain = DiskChain(
        remote: RemoteImage(generation: disk.generation, place: place, socket: sockets[place]),
        address: address(origin, disk), sizeBytes: disk.sizeBytes)
      chain.allocatedBytes = counted(chain, known)
      if chain.allocatedBytes == nil { chain.allocatedBytes = try await AllocationMap.allocatedBytes(of: chain) }
      chains.append(chain)
    }
    var backup =
      if let path = options.description {
        try await described(path, origin, opened, chains, options)
      } else {
        await bare(origin, opened, chains, options)
      }
    backup.takenAt = opened.takenAt.flatMap(Timestamp.date)
    backup.findings.insert(
      "Its disks lie on the platform and are read from there, each time; no file here holds them", at: 0)
    options.apply(to: &backup)
    return backup
  }

  private static let sizes: ClosedRange<Int64> = 512...64 << 40

  /// What a connector says is believed only as far as it can be.
  private static func check(_ origin: RemoteOrigin, _ opened: SourceOpen.Result) throws(AscendError) {
    func refuse(_ cause: String) -> AscendError {
      AscendError(
        "backup.unsupported", "What the connector offers cannot be a machine's disks", object: origin.path,
        cause: cause, remedy: "Report this to the vendor of the connector \(origin.platform)")
    }
    guard (1...256).contains(opened.disks.count) else { throw refuse("it offers \(opened.disks.count) disks") }
    for disk in opened.disks where !sizes.contains(disk.sizeBytes) || disk.sizeBytes % 512 != 0 {
      throw refuse("disk \(disk.name.prefix(100)) has \(disk.sizeBytes) bytes")
    }
    if let machine = opened.machine, machine.disks.count != opened.disks.count {
      throw refuse("it tells of \(machine.disks.count) disks and offers \(opened.disks.count)")
    }
  }

  /// What names one disk in messages.
  private static func address(_ origin: RemoteOrigin, _ disk: SourceOpen.Disk) -> String {
    let scheme = origin.addresses.first.flatMap { BackupAddress.scheme($0) } ?? origin.platform
    return "\(scheme)://\(MachineDraft.clean(disk.name, or: "disk"))"
  }

  /// How much of the same content was found to be data before.
  private static func counted(_ chain: DiskChain, _ known: Backup?) -> Int64? {
    let layer = chain.layers.first
    let before = known?.disks.first { disk in
      let other = disk.chain.layers.first
      return other?.path == layer?.path && other?.remote?.generation == layer?.remote?.generation
    }
    return before?.chain.allocatedBytes
  }

  private static func bare(
    _ origin: RemoteOrigin, _ opened: SourceOpen.Result, _ chains: [DiskChain], _ options: ReadOptions
  ) async -> Backup {
    let held = chains.enumerated().map { BackupDisk(index: $0, chain: $1) }
    var findings: [String] = []
    let machine: MachineDescription
    if let said = opened.machine {
      machine = said
    } else {
      var completion = Completion(options)
      let boot = options.bootDisk.flatMap { held.indices.contains($0) ? $0 : nil } ?? 0
      let guess = options.firmware == nil ? await FirmwareGuess.of(held[boot].chain) : nil
      machine = MachineDescription(
        name: MachineDraft.clean(opened.disks[0].name, or: "machine"), cpu: completion.cpu(),
        memoryBytes: completion.memoryBytes(),
        firmware: completion.firmware(guess: guess),
        disks: zip(held, opened.disks).map { disk, offered in
          .init(
            index: disk.index, name: MachineDraft.clean(offered.name, or: "disk \(disk.index)"),
            sizeBytes: offered.sizeBytes, boot: disk.index == boot)
        }, nics: completion.nics())
      findings = completion.findings
    }
    return Backup(
      name: MachineDraft.clean(machine.name, or: "machine"), platform: origin.platform, kind: .remote,
      path: origin.path, machine: machine, disks: held, findings: findings, origin: origin)
  }

  /// The machine that a platform's own JSON tells of: each of its disks is the one that is called by an identifier of
  /// the disk or of a copy of it.
  private static func described(
    _ path: String, _ origin: RemoteOrigin, _ opened: SourceOpen.Result, _ chains: [DiskChain], _ options: ReadOptions
  ) async throws(AscendError) -> Backup {
    guard let draft = try MachineJSONFormat.draft(BackupLocation(path, options: options)) else {
      throw AscendError(
        "backup.notRecognised", "This describes no machine", object: path,
        remedy: "Give \(MachineJSONFormat.dialects.map { $0.name }.joined(separator: ", "))")
    }
    let drafts = draft.disks ?? []
    var left = Array(chains.indices)
    var held: [BackupDisk] = []
    for (index, disk) in drafts.enumerated() {
      guard let found = left.firstIndex(where: { disk.identifiers.contains(opened.disks[$0].name) }) else {
        throw unmatched(path, "\(disk.label) is none of \(opened.disks.map(\.name).joined(separator: ", "))")
      }
      held.append(BackupDisk(index: index, chain: chains[left.remove(at: found)]))
    }
    guard !held.isEmpty, left.isEmpty else {
      throw unmatched(path, "it tells of no \(left.map { opened.disks[$0].name }.joined(separator: ", "))")
    }
    var findings = draft.findings
    let machine = await draft.machine(held, drafts, options, &findings)
    return Backup(
      name: draft.name, platform: draft.platform, product: draft.product, kind: .remote, path: origin.path,
      machine: machine, disks: held, losses: draft.losses, findings: findings, origin: origin)
  }

  private static func unmatched(_ path: String, _ cause: String) -> AscendError {
    AscendError(
      "backup.diskMissing", "The description and the disks do not belong together", object: path, cause: cause,
      remedy: "Name a disk for each that the description tells of, and put beside it what tells which copy is of which")
  }
}
