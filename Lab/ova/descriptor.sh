# shellcheck shell=bash
# The OVF descriptor of the machine that make-ova packs. Sourced; reads its name, files, sizes, capacities and options.

# item INDENTED_ELEMENTS...: one virtual hardware item; the elements of `rasd` must stand in alphabetical order.
item() {
  printf '      <Item%s>\n' "$1"
  shift
  printf '        %s\n' "$@"
  printf '      </Item>\n'
}

rasd() { printf '<rasd:%s>%s</rasd:%s>' "$1" "$2" "$1"; }

config() { printf '<vmw:Config ovf:required="false" vmw:key="%s" vmw:value="%s"/>' "$1" "$2"; }

write_references() {
  local index
  printf '  <References>\n'
  for index in "${!files[@]}"; do
    printf '    <File ovf:href="%s" ovf:id="file%d" ovf:size="%s"/>\n' "${files[index]}" $((index + 1)) "${sizes[index]}"
  done
  printf '  </References>\n'
}

write_disk_section() {
  local index specification=http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized
  printf '  <DiskSection>\n    <Info>Virtual disk information</Info>\n'
  for index in "${!files[@]}"; do
    printf '    <Disk ovf:capacity="%s" ovf:capacityAllocationUnits="byte" ovf:diskId="vmdisk%d" ovf:fileRef="file%d" ' \
      "${capacities[index]}" $((index + 1)) $((index + 1))
    printf 'ovf:format="%s" ovf:populatedSize="%s"/>\n' "$specification" "${populated[index]}"
  done
  printf '  </DiskSection>\n'
}

write_hardware() {
  local index
  item '' "$(rasd AllocationUnits 'hertz * 10^6')" "$(rasd Description 'Number of Virtual CPUs')" \
    "$(rasd ElementName "$cpus virtual CPU(s)")" "$(rasd InstanceID 1)" "$(rasd ResourceType 3)" \
    "$(rasd VirtualQuantity "$cpus")" '<vmw:CoresPerSocket ovf:required="false">1</vmw:CoresPerSocket>'
  item '' "$(rasd AllocationUnits 'byte * 2^20')" "$(rasd Description 'Memory Size')" \
    "$(rasd ElementName "${memory_mib}MB of memory")" "$(rasd InstanceID 2)" "$(rasd ResourceType 4)" \
    "$(rasd VirtualQuantity "$memory_mib")"
  item '' "$(rasd Address 0)" "$(rasd Description 'SCSI Controller')" "$(rasd ElementName 'SCSI controller 0')" \
    "$(rasd InstanceID 3)" "$(rasd ResourceSubType VirtualSCSI)" "$(rasd ResourceType 6)" \
    "$(config slotInfo.pciSlotNumber 160)"
  item ' ovf:required="false"' "$(rasd AutomaticAllocation false)" "$(rasd ElementName 'Video card')" \
    "$(rasd InstanceID 4)" "$(rasd ResourceType 24)" "$(config videoRamSizeInKB 4096)"
  for index in "${!files[@]}"; do
    item '' "$(rasd AddressOnParent "$index")" "$(rasd ElementName "Hard disk $((index + 1))")" \
      "$(rasd HostResource "ovf:/disk/vmdisk$((index + 1))")" "$(rasd InstanceID $((10 + index)))" \
      "$(rasd Parent 3)" "$(rasd ResourceType 17)" "$(config backing.writeThrough false)"
  done
  item '' "$(rasd AddressOnParent 7)" "$(rasd AutomaticAllocation true)" "$(rasd Connection 'VM Network')" \
    "$(rasd Description 'VmxNet3 ethernet adapter on "VM Network"')" "$(rasd ElementName 'Network adapter 1')" \
    "$(rasd InstanceID 30)" "$(rasd ResourceSubType VmxNet3)" "$(rasd ResourceType 10)" \
    "$(config slotInfo.pciSlotNumber 192)" "$(config wakeOnLanEnabled true)"
}

write_descriptor() {
  cat <<'HEAD'
<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" vmw:buildId="build-0">
HEAD
  write_references
  write_disk_section
  cat <<SYSTEM
  <NetworkSection>
    <Info>The list of logical networks</Info>
    <Network ovf:name="VM Network">
      <Description>The VM Network network</Description>
    </Network>
  </NetworkSection>
  <VirtualSystem ovf:id="$name">
    <Info>A virtual machine</Info>
    <Name>$name</Name>
    <OperatingSystemSection ovf:id="96" vmw:osType="debian10_64Guest">
      <Info>The kind of installed guest operating system</Info>
      <Description>Debian GNU/Linux 10 (64-bit)</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware requirements</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>$name</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-15</vssd:VirtualSystemType>
      </System>
SYSTEM
  write_hardware
  printf '      %s\n' "$(config firmware "$firmware")" "$(config cpuHotAddEnabled false)" \
    "$(config memoryHotAddEnabled false)" "$(config powerOpInfo.powerOffType soft)" \
    "$(config tools.syncTimeWithHost false)"
  printf '    </VirtualHardwareSection>\n  </VirtualSystem>\n</Envelope>\n'
}
