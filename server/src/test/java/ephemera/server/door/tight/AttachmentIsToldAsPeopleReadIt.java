package ephemera.server.door.tight;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.talk.Attachment;
import ephemera.core.vault.BlobKey;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttachmentIsToldAsPeopleReadIt {

    @ParameterizedTest
    @CsvSource({
        "0,0 B",
        "1,1 B",
        "1023,1023 B",
        "1024,1 KB",
        "1126,1.1 KB",
        "24576,24 KB",
        "24000,23 KB",
        "1048063,1023 KB",
        "1048064,1 MB",
        "1572864,1.5 MB",
        "104857600,100 MB",
        "1073741823,1 GB",
        "9223372036854775807,8388608 TB",
    })
    void itsSize(long bytes, String expected) {
        assertThat(AttachmentText.size(bytes)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "application/pdf,x,PDF",
        "image/png,x,IMAGE",
        "text/plain,x,TEXT",
        "text/csv,x,SHEET",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,x,SHEET",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document,x,TEXT",
        "application/zip,x,ARCHIVE",
        "audio/mpeg,x,AUDIO",
        "VIDEO/MP4,x,VIDEO",
        "application/octet-stream,scan.PDF,PDF",
        "application/octet-stream,a.b.docx,TEXT",
        "application/octet-stream,x,FILE",
        "nonsense,photo.jpeg,IMAGE",
    })
    void itsKind(String type, String name, AttachmentText.Kind kind) {
        Attachment attachment = new Attachment(new UUID(0, 1), new BlobKey(new byte[32]), name, type, 1);
        assertThat(AttachmentText.Kind.of(attachment)).isEqualTo(kind);
    }
}
