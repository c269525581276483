import CSpawn
import ConnectorProtocol
import Foundation
import Glibc
import Support
import Synchronization

/// The thread that reads and writes, and the one that waits for the end.
extension SessionProcess {
  func startThreads(reaper: Reaper?) {
    let waiter = Thread { [self] in
      _ = cspawn_await_exit(pid)
      shared.withLock { $0.hasExited = true }
      wake()
    }
    waiter.name = "connector-wait"
    waiter.start()
    let loop = Thread { [self] in
      cspawn_block_sigpipe()
      var loop = SessionLoop(process: self, reaper: reaper)
      loop.run()
    }
    loop.name = "connector-io"
    loop.start()
  }
}

/// Reads, writes and keeps the time of one session, on a thread that may block in `poll`.
struct SessionLoop {
  private static let bufferBytes = 256 << 10
  /// What is still read of a process that has ended, while others may go on writing into its pipes.
  private static let maxDrainBytes = 64 << 20

  let process: SessionProcess
  let reaper: Reaper?
  private var lines: LineSplitter
  private var log = LogCollector()
  private var inputIsOpen = true
  private var outputIsOpen = true
  private var logIsOpen = true
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 16)

  init(process: SessionProcess, reaper: Reaper?) {
    self.process = process
    self.reaper = reaper
    self.lines = LineSplitter(limit: process.maxMessageBytes)
  }

  mutating func run() {
    while true {
      let next = process.shared.withLock { shared in
        (
          finished: shared.isFinished, exited: shared.hasExited, wakeAt: shared.machine.wakeAt,
          hasOutgoing: shared.outgoing.count > shared.written, closesInput: shared.closesInput,
          isFull: shared.undelivered >= SessionProcess.maxUndelivered
        )
      }
      if next.exited || next.finished { break }
      if next.closesInput { closeInput(flushing: true) }
      wait(until: next.wakeAt, writes: next.hasOutgoing && inputIsOpen, reads: outputIsOpen && !next.isFull)
      process.shared.withLock { process.perform($0.machine.on(.tick, at: .now), on: &$0) }
    }
    end()
  }

  private mutating func wait(until wakeAt: SessionMachine.Instant?, writes: Bool, reads: Bool) {
    let ends = process.descriptors
    // A negative descriptor is left out by poll.
    var polled = [
      pollfd(fd: ends.wakeReading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: reads ? ends.output : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: logIsOpen ? ends.log : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: writes ? ends.input : -1, events: Int16(POLLOUT), revents: 0),
    ]
    guard poll(&polled, nfds_t(polled.count), Self.milliseconds(until: wakeAt)) > 0 else { return }
    if polled[0].revents != 0 { _ = readAll(ends.wakeReading, upTo: Int.max) { _ in } }
    if polled[2].revents != 0 { readLog() }
    if polled[1].revents != 0 { readOutput() }
    if polled[3].revents != 0 { writeInput() }
  }

  private static func milliseconds(until wakeAt: SessionMachine.Instant?) -> Int32 {
    guard let wakeAt else { return -1 }
    let seconds = (wakeAt - .now).seconds
    // Rounded up: waking early would only spin.
    return seconds <= 0 ? 0 : Int32(min(seconds * 1000 + 1, 3_600_000))
  }

  // MARK: reading

  private mutating func readOutput(upTo limit: Int = bufferBytes) {
    let isOpen = readAll(process.descriptors.output, upTo: limit) { bytes in
      for line in lines.append(bytes) {
        switch line {
        case .whole(let data): process.feed(.line(data))
        case .oversized: process.feed(.oversizedLine)
        }
      }
    }
    guard !isOpen else { return }
    outputIsOpen = false
    process.feed(.channelClosed("output"))
  }

  private mutating func readLog(upTo limit: Int = bufferBytes) {
    logIsOpen = readAll(process.descriptors.log, upTo: limit) { bytes in
      deliver(log.append(bytes, at: .now))
    }
  }

  private func deliver(_ lines: [LogLine]) {
    process.shared.withLock { shared in
      for line in lines {
        // The log never holds up what matters.
        guard shared.undelivered < SessionProcess.maxUndelivered else {
          shared.logsLost += 1
          continue
        }
        let clean = LogLine(level: line.level, message: process.redactor.redact(line.message))
        process.enqueue(.log(clean), on: &shared)
      }
    }
  }

  /// Reads what is there, up to about `limit` bytes. False at the end of the stream.
  private func readAll(_ fd: Int32, upTo limit: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
    var total = 0
    while total < limit {
      let count = read(fd, buffer.baseAddress, buffer.count)
      if count > 0 {
        body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        total += count
      } else if count == 0 {
        return false
      } else if errno != EINTR {
        return errno == EAGAIN
      }
    }
    return true
  }

  // MARK: writing

  private mutating func writeInput() {
    let isBroken = process.shared.withLock { shared -> Bool in
      while shared.written < shared.outgoing.count {
        let count = shared.outgoing.withUnsafeBytes { bytes in
          write(process.descriptors.input, bytes.baseAddress.map { $0 + shared.written }, bytes.count - shared.written)
        }
        if count >= 0 {
          shared.written += count
        } else if errno != EINTR {
          return errno != EAGAIN
        }
      }
      shared.outgoing.removeAll(keepingCapacity: shared.outgoing.count < 1 << 20)
      shared.written = 0
      return false
    }
    guard isBroken else { return }
    closeInput(flushing: false)
    process.feed(.channelClosed("input"))
  }

  /// Closes the connector's input, after what is still to be written where it takes that at once.
  private mutating func closeInput(flushing: Bool) {
    guard inputIsOpen else { return }
    if flushing { writeInput() }
    guard inputIsOpen else { return }
    inputIsOpen = false
    close(process.descriptors.input)
  }

  // MARK: the end

  private mutating func end() {
    let hasExited = process.shared.withLock { $0.hasExited }
    // Whatever else is in its group would be an orphan.
    kill(-process.pid, SIGKILL)
    readOutput(upTo: Self.maxDrainBytes)
    readLog(upTo: Self.maxDrainBytes)
    deliver(log.finish())
    let exit = hasExited ? reap() : ProcessExit.signal(SIGKILL)
    let newest = process.redactor.redact(log.newest)
    let waiters = process.shared.withLock { shared in
      process.perform(shared.machine.on(.exited(exit, log: newest), at: .now), on: &shared)
      shared.isFinished = true
      closeDescriptors()
      defer { shared.exitWaiters.removeAll() }
      return shared.exitWaiters
    }
    reaper?.dismiss()
    buffer.deallocate()
    process.finishDeliveries()
    for waiter in waiters { waiter.resume() }
  }

  private func reap() -> ProcessExit {
    process.shared.withLock { shared in
      var code: Int32 = 0
      var signal: Int32 = 0
      let number = cspawn_reap(process.pid, &code, &signal)
      shared.isReaped = true
      return number == 0 && code < 0 ? .signal(signal) : .status(number == 0 ? code : -1)
    }
  }

  private func closeDescriptors() {
    let ends = process.descriptors
    if inputIsOpen { close(ends.input) }
    for fd in [ends.output, ends.log, ends.wakeReading, ends.wakeWriting] { close(fd) }
  }
}
