extension RuleVocabulary {
  /// All that `PlanFacts` makes, and what a connector's answer adds. A test holds it against both and against the schema
  /// of guest facts.
  static let facts: [String] =
    names("machine", "name nameLength cpuCount memoryBytes firmware secureBoot tpm tags.*")
    + names("machine.disks.[]", "index name sizeBytes boot controller unit sectorBytes")
    + names("machine.nics.[]", "index model mac network addresses.[] connected")
    + names(
      "guest",
      """
      known understood reason family distribution version productName architecture hostname firmware bootDisk preparable
      release build drivers.[] partitionTable encryption.[] hibernated systemCount bootLoader initramfsTool freeBytes.*
      edition possibleFirmware.[] volumeManagers.[] fastStartup systems.[] freeInodes.* safeguards.[] agents.[] notes.[]
      """)
    + names(
      "guest.kernels.[]", "version initramfs drivers.[] modules.[] image unreadable unified startsByDefault")
    + names("guest.interfaces.[]", "name method addresses.[] mac gateway nameServers.[] source")
    + names("guest.unreadable.[]", "device type reason")
    + names("guest.lockedVolumes.[]", "device type uuid")
    + names("guest.missingMounts.[]", "path device")
    + names(
      "target",
      """
      platform name connectorInstalled cpuMax memoryMaxBytes nicMax diskMax bootMaxBytes nameMax namePattern
      namePatternReadable tagMax firmware.[] architectures.[] secureBoot tpm buses.[] nicModels.[] features.[]
      sectorSizes.[]
      """)
    + names(
      "plan",
      """
      firmware secureBoot tpm arch generation buses.[] nicModel diskCount bootDisk.place bootDisk.sizeBytes tagCount
      preparation prepared notPreparable unmappedNetworks.[] missingDrivers.[] missingLaterDrivers.[] archOffered
      freeBytes.root freeBytes.boot freeInodes.root freeInodes.boot identity addressesMapped
      """)
    + names("plan.missingModules.[]", "kernel modules")
    + names("plan.missingLateModules.[]", "kernel modules network byDefault")
    + names("plan.unfitKernels.[]", "kernel kind detail passedOver")
    + names("plan.missingAtBoot.[]", "where drivers")
    + names("plan.pathlessDisks.[]", "index reasons")
    + names("plan.staticInterfaces.[]", "name method addresses.[] mac gateway nameServers.[] source")
    + names("choice.firmware", "said saidBy saidAt real isOffered offers")
    + names(
      "choice.controller",
      "asked offered.[] first firstBus unproven passedOver passedOverDrivers.[] safe promotable unplacedDisks")
    + names("choice.nic", "asked offered.[] usable.[] unproven passedOver promotable")
    + names("preflight.refusedDisks.[]", "index why")
    + names("preflight.shrunkDisks.[]", "index sizeBytes effectiveSizeBytes")

  private static func names(_ start: String, _ names: String) -> [String] {
    names.split(whereSeparator: \.isWhitespace).map { "\(start).\($0)" }
  }
}
