public import Backups
public import ConnectorProtocol
public import Support

/// Completes a machine that nothing describes with what its own disks say.
public enum GuestCompletion {
  /// `options` with what the guest says where nobody has said anything.
  public static func options(_ options: ReadOptions, from facts: GuestFacts) -> ReadOptions {
    var options = options
    options.firmware = options.firmware ?? facts.firmware
    options.bootDisk = options.bootDisk ?? facts.bootDisk
    if options.guest == nil, facts.understood {
      options.guest = facts.productName ?? facts.distribution ?? facts.family
    }
    let nics = Self.nics(facts.interfaces ?? [])
    if options.nics == nil, !nics.isEmpty { options.nics = nics }
    return options
  }

  /// One interface for each that the guest configures.
  private static func nics(_ interfaces: [GuestFacts.Interface]) -> [MachineDescription.NIC] {
    var nics: [MachineDescription.NIC] = []
    var seen: Set<String> = []
    for interface in interfaces where interface.name != "lo" && seen.insert(interface.name).inserted {
      nics.append(.init(index: nics.count, mac: interface.mac, addresses: interface.addresses))
    }
    return nics
  }

  /// What was found out, and what could not be, for whoever added the disks.
  public static func findings(_ facts: GuestFacts, _ options: ReadOptions, completed: ReadOptions) -> [String] {
    guard facts.understood else {
      return ["The disks do not tell what is on them: \(facts.reason ?? "no system was found")"]
    }
    var read: [String] = []
    if options.guest == nil, let guest = completed.guest { read.append("the guest system \(guest)") }
    if options.firmware == nil, let firmware = completed.firmware { read.append("the firmware \(firmware)") }
    if options.bootDisk == nil, let disk = completed.bootDisk { read.append("that it starts from disk \(disk)") }
    if options.nics == nil, let nics = completed.nics { read.append("\(nics.count) network interfaces") }
    return read.isEmpty ? [] : ["Read from the disks themselves: \(read.joined(separator: ", "))"]
  }
}

extension PlanningService {
  /// Looks inside the guest of a backup that is nothing but disks, and reads it again with what was found.
  ///
  /// - Parameter notice: Told what is being waited for.
  /// - Returns: The backup as it is in the catalog now. One of another kind comes back as it is.
  public func complete(_ record: BackupRecord, notice: @escaping @Sendable (String) -> Void)
    async throws(AscendError) -> BackupRecord
  {
    if let origin = record.backup.origin { return try await complete(record, origin, notice: notice) }
    guard record.backup.kind == .disks else { return record }
    let facts = try await guestFacts(of: record, again: false, notice: notice)
    let options = record.backup.options
    let completed = GuestCompletion.options(options, from: facts)
    var backup = record.backup
    if completed != options {
      backup = try await BackupReader.read(record.path, options: completed, checkDigests: false)
      backup.name = record.name
    }
    backup.findings += GuestCompletion.findings(facts, options, completed: completed)
    return try remember(facts, of: engine.store.addBackup(backup, fingerprint: record.fingerprint))
  }

  /// What was found is known of the machine that it completed too: it need not be looked for again.
  private func remember(_ facts: GuestFacts, of record: BackupRecord) throws(AscendError) -> BackupRecord {
    // A failure may be this computer's, and gone the next time.
    guard facts.understood else { return record }
    let keys = InspectionKey.all(
      record, fingerprint: try BackupFingerprint.of(record.backup), drivers: drivers())
    try engine.store.rememberInspection(keys, facts)
    return record
  }

  /// The same where the disks lie on a platform that says nothing of their machine.
  private func complete(
    _ record: BackupRecord, _ origin: RemoteOrigin, notice: @escaping @Sendable (String) -> Void
  ) async throws(AscendError) -> BackupRecord {
    do {
      return try await engine.withSource(origin) { source in
        guard source.opened.machine == nil, record.backup.options.description == nil else { return record }
        let facts = try await guestFacts(of: try source.offering(record), again: false, notice: notice)
        let options = record.backup.options
        let completed = GuestCompletion.options(options, from: facts)
        var backup = record.backup
        if completed != options {
          backup = try await RemoteBackup.make(
            origin, source.opened, sockets: source.sockets, options: completed, known: record.backup
          ).withdrawn
          backup.name = record.name
        }
        backup.findings += GuestCompletion.findings(facts, options, completed: completed)
        return try remember(facts, of: engine.store.addBackup(backup, fingerprint: record.fingerprint))
      }
    } catch {
      throw AscendError.wrapping(error, as: "backup.unreadable", "The backup cannot be used", object: record.path)
    }
  }
}
