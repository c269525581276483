import ConnectorProtocol

/// The instance types that fit a machine, before anything else is known of its restore.
struct Sizing: Sendable {
  private static let most = 10

  var account: Account

  func suggest(_ machine: MachineDescription) async throws -> SizingSuggest.Result {
    let needs = TypeNeeds(
      vcpus: max(1, machine.cpu.count), memoryMiB: (machine.memoryBytes + (1 << 20) - 1) >> 20,
      architecture: "x86_64", bootMode: machine.firmware.type == .uefi ? "uefi" : "legacy-bios",
      tpm: machine.firmware.tpm && machine.firmware.type == .uefi, nics: max(1, machine.nics.count),
      disks: max(1, machine.disks.count))
    let types = try await Failure.translating("Reading the instance types", outcome: .none) {
      try await account.types(needs.architecture)
    }
    var chooser = TypeChooser(needs: needs, types: types)
    await chooser.askPrices(of: account)
    return SizingSuggest.Result(
      suggestions: chooser.ranking().prefix(Self.most).map {
        SizingSuggest.Suggestion(instanceType: $0.type.name, fits: true, reason: TypeChooser.describe($0))
      })
  }
}
