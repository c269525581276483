extension VimOrder {
  /// The classes that requests hold, each with its base class and its own properties, in the order of the API's
  /// declaration (vSphere Web Services API 7.0). A property that is not here cannot be sent.
  static let types: [String: Entry] = [
    "ImportSpec": Entry(nil, "entityConfig instantiationOst"),
    "VirtualMachineImportSpec": Entry("ImportSpec", "configSpec resPoolEntity"),
    "VirtualMachineConfigSpec": Entry(
      nil,
      """
      changeVersion name version createDate uuid instanceUuid npivNodeWorldWideName npivPortWorldWideName \
      npivWorldWideNameType npivDesiredNodeWwns npivDesiredPortWwns npivTemporaryDisabled \
      npivOnNonRdmDisks npivWorldWideNameOp locationId guestId alternateGuestName annotation files tools \
      flags consolePreferences powerOpInfo numCPUs vcpuConfig numCoresPerSocket memoryMB \
      memoryHotAddEnabled cpuHotAddEnabled cpuHotRemoveEnabled virtualICH7MPresent virtualSMCPresent \
      deviceChange cpuAllocation memoryAllocation latencySensitivity cpuAffinity memoryAffinity \
      networkShaper cpuFeatureMask extraConfig swapPlacement bootOptions vAppConfig ftInfo repConfig \
      vAppConfigRemoved vAssertsEnabled changeTrackingEnabled firmware maxMksConnections \
      guestAutoLockEnabled managedBy memoryReservationLockedToMax nestedHVEnabled vPMCEnabled \
      scheduledHardwareUpgradeInfo vmProfile messageBusTunnelEnabled crypto migrateEncryption sgxInfo \
      guestMonitoringModeInfo sevEnabled
      """),
    "VirtualMachineFileInfo": Entry(
      nil, "vmPathName snapshotDirectory suspendDirectory logDirectory ftMetadataDirectory"),
    "VirtualMachineBootOptions": Entry(
      nil,
      """
      bootDelay enterBIOSSetup efiSecureBootEnabled bootRetryEnabled bootRetryDelay bootOrder \
      networkBootProtocol
      """),
    "VirtualMachineBootOptionsBootableDevice": Entry(nil, ""),
    "VirtualMachineBootOptionsBootableDiskDevice": Entry("VirtualMachineBootOptionsBootableDevice", "deviceKey"),
    "VirtualDeviceConfigSpec": Entry(nil, "operation fileOperation device profile backing"),
    "VirtualDevice": Entry(nil, "key deviceInfo backing connectable slotInfo controllerKey unitNumber"),
    "Description": Entry(nil, "label summary"),
    "VirtualDisk": Entry(
      "VirtualDevice",
      """
      capacityInKB capacityInBytes shares storageIOAllocation diskObjectId vFlashCacheConfigInfo iofilter \
      vDiskId nativeUnmanagedLinkedClone
      """),
    "VirtualController": Entry("VirtualDevice", "busNumber device"),
    "VirtualSCSIController": Entry("VirtualController", "hotAddRemove sharedBus scsiCtlrUnitNumber"),
    "ParaVirtualSCSIController": Entry("VirtualSCSIController", ""),
    "VirtualLsiLogicSASController": Entry("VirtualSCSIController", ""),
    "VirtualLsiLogicController": Entry("VirtualSCSIController", ""),
    "VirtualSATAController": Entry("VirtualController", ""),
    "VirtualAHCIController": Entry("VirtualSATAController", ""),
    "VirtualNVMEController": Entry("VirtualController", ""),
    "VirtualIDEController": Entry("VirtualController", ""),
    "VirtualEthernetCard": Entry(
      "VirtualDevice",
      """
      addressType macAddress wakeOnLanEnabled resourceAllocation externalId uptCompatibilityEnabled
      """),
    "VirtualVmxnet": Entry("VirtualEthernetCard", ""),
    "VirtualVmxnet3": Entry("VirtualVmxnet", ""),
    "VirtualE1000e": Entry("VirtualEthernetCard", ""),
    "VirtualE1000": Entry("VirtualEthernetCard", ""),
    "VirtualTPM": Entry("VirtualDevice", "endorsementKeyCertificateSigningRequest endorsementKeyCertificate"),
    "VirtualDeviceBackingInfo": Entry(nil, ""),
    "VirtualDeviceFileBackingInfo": Entry("VirtualDeviceBackingInfo", "fileName datastore backingObjectId"),
    "VirtualDiskFlatVer2BackingInfo": Entry(
      "VirtualDeviceFileBackingInfo",
      """
      diskMode split writeThrough thinProvisioned eagerlyScrub uuid contentId changeId parent \
      deltaDiskFormat digestEnabled deltaGrainSize deltaDiskFormatVariant sharing keyId
      """),
    "VirtualDeviceDeviceBackingInfo": Entry("VirtualDeviceBackingInfo", "deviceName useAutoDetect"),
    "VirtualEthernetCardNetworkBackingInfo": Entry("VirtualDeviceDeviceBackingInfo", "network inPassthroughMode"),
    "VirtualEthernetCardDistributedVirtualPortBackingInfo": Entry("VirtualDeviceBackingInfo", "port"),
    "DistributedVirtualSwitchPortConnection": Entry(nil, "switchUuid portgroupKey portKey connectionCookie"),
    "VirtualEthernetCardOpaqueNetworkBackingInfo": Entry(
      "VirtualDeviceBackingInfo", "opaqueNetworkId opaqueNetworkType"),
    "VirtualDeviceConnectInfo": Entry(nil, "migrateConnect startConnected allowGuestControl connected status"),
    "OptionValue": Entry(nil, "key value"),
    "VirtualMachineProfileSpec": Entry(nil, ""),
    "VirtualMachineDefinedProfileSpec": Entry(
      "VirtualMachineProfileSpec", "profileId replicationSpec profileData profileParams"),
    "PropertyFilterSpec": Entry(nil, "propSet objectSet reportMissingObjectsInResults"),
    "PropertySpec": Entry(nil, "type all pathSet"),
    "ObjectSpec": Entry(nil, "obj skip selectSet"),
    "SelectionSpec": Entry(nil, "name"),
    "TraversalSpec": Entry("SelectionSpec", "type path skip selectSet"),
    "RetrieveOptions": Entry(nil, "maxObjects"),
    "WaitOptions": Entry(nil, "maxWaitSeconds maxObjectUpdates"),
    "HostDatastoreBrowserSearchSpec": Entry(nil, "query details searchCaseInsensitive matchPattern sortFoldersFirst"),
    "FileQueryFlags": Entry(nil, "fileType fileSize modification fileOwner"),
    "EnvironmentBrowserConfigOptionQuerySpec": Entry(nil, "key host guestId"),
    "SessionManagerServiceRequestSpec": Entry(nil, ""),
    "SessionManagerHttpServiceRequestSpec": Entry("SessionManagerServiceRequestSpec", "method url"),
    "KeyValue": Entry(nil, "key value"),
  ]
}
