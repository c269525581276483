import ConnectorProtocol
import Disks

extension MachineDraft {
  /// The machine with these disks: what the description leaves open is said by the options, or by the disks.
  ///
  /// - Parameters:
  ///   - held: The disks, each at the place of what the description says of it.
  ///   - drafts: What the description says of them.
  func machine(_ held: [BackupDisk], _ drafts: [DiskDraft], _ options: ReadOptions, _ findings: inout [String])
    async -> MachineDescription
  {
    var completion = Completion(options)
    let boot = drafts.firstIndex(where: \.boot) ?? 0
    let cpu = cpu ?? completion.cpu()
    let memory = memoryBytes ?? completion.memoryBytes()
    var firmware = firmware
    if firmware == nil {
      let guess = options.firmware == nil ? await FirmwareGuess.of(held[boot].chain) : nil
      firmware = completion.firmware(guess: guess)
    }
    findings += completion.findings
    var disks: [MachineDescription.Disk] = []
    for (index, (draft, disk)) in zip(drafts, held).enumerated() {
      if let said = draft.sizeBytes, said != disk.chain.virtualSizeBytes {
        findings.append("\(draft.label) has \(disk.chain.virtualSizeBytes) bytes; the description says \(said)")
      }
      disks.append(
        MachineDescription.Disk(
          index: index, name: draft.label, sizeBytes: disk.chain.virtualSizeBytes, boot: index == boot,
          controller: draft.controller, unit: draft.unit, sectorBytes: draft.sectorBytes))
    }
    return MachineDescription(
      name: name, cpu: cpu, memoryBytes: memory, firmware: firmware ?? .init(), controllers: controllers,
      disks: disks, nics: nics, guest: guest, identity: identity, tags: tags, notes: notes)
  }
}
