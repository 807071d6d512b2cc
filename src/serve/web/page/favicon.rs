//! The icon for programs that ask for `/favicon.ico`: drawn here as `icon.svg` is, so that no second file has to follow it.

/// Width and height in pixels.
const SIZE: u32 = 32;

/// Points of each pixel that are looked at, in either direction: edges become smooth.
const POINTS: u32 = 4;

const GROUND: [u8; 3] = [0xa1, 0x40, 0x0f];
const WHITE: [u8; 3] = [0xff, 0xff, 0xff];

/// Horizontal lines of the drawing, on a field of 24 by 24: from, to, and height of their middle.
const LINES: [(f32, f32, f32); 3] = [(7.0, 17.0, 7.5), (7.0, 13.5, 12.0), (7.0, 17.0, 16.5)];

/// The icon as a file with one image of 32 bits a pixel.
pub(super) fn ico() -> Vec<u8> {
    let pixels: Vec<u8> =
        (0..SIZE).rev().flat_map(|row| (0..SIZE).flat_map(move |column| pixel(column, row))).collect();
    // One bit for each pixel, which programs that know transparency do not read.
    let mask = vec![0; (SIZE * SIZE / 8) as usize];
    let length = 40 + u32::try_from(pixels.len() + mask.len()).unwrap_or(0);
    let side = u8::try_from(SIZE).unwrap_or(0);
    let mut file = vec![0, 0, 1, 0, 1, 0, side, side, 0, 0, 1, 0, 32, 0];
    file.extend(length.to_le_bytes());
    file.extend(22_u32.to_le_bytes());
    // The header of a bitmap, whose height counts the mask too.
    for word in [40, SIZE, 2 * SIZE, 1 | 32 << 16, 0, 0, 0, 0, 0, 0] {
        file.extend(word.to_le_bytes());
    }
    [file, pixels, mask].concat()
}

/// Blue, green, red and opacity.
fn pixel(column: u32, row: u32) -> [u8; 4] {
    let at = |pixel: u32, point: u32| (pixel as f32 + (point as f32 + 0.5) / POINTS as f32) * 24.0 / SIZE as f32;
    let points = (0..POINTS).flat_map(|down| (0..POINTS).map(move |right| (at(column, right), at(row, down))));
    let (mut inside, mut white) = (0, 0);
    for (x, y) in points {
        inside += u32::from(is_inside(x, y));
        white += u32::from(is_white(x, y));
    }
    let mix = |channel: usize| {
        let [ground, white_part] = [u32::from(GROUND[channel]) * (inside - white), u32::from(WHITE[channel]) * white];
        u8::try_from((ground + white_part) / inside.max(1)).unwrap_or(u8::MAX)
    };
    [mix(2), mix(1), mix(0), u8::try_from(255 * inside / (POINTS * POINTS)).unwrap_or(u8::MAX)]
}

/// A square with round corners.
fn is_inside(x: f32, y: f32) -> bool {
    let over = |at: f32| ((at - 12.0).abs() - 5.0).max(0.0);
    over(x).hypot(over(y)) <= 6.0
}

fn is_white(x: f32, y: f32) -> bool {
    let on_line = |(from, to, middle): (f32, f32, f32)| (x - x.clamp(from, to)).hypot(y - middle) <= 1.1;
    LINES.into_iter().any(on_line) || (x - 17.0).hypot(y - 12.0) <= 1.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_image_of_the_size_that_it_names() {
        let file = ico();
        assert_eq!(file.len(), 22 + 40 + 32 * 32 * 4 + 32 * 32 / 8);
        assert_eq!(u32::from_le_bytes(file[14..18].try_into().unwrap()) as usize, file.len() - 22);
        let pixel_at = |x: u32, y: u32| pixel(x, y);
        assert_eq!(pixel_at(0, 0)[3], 0, "the corner is not part of it");
        assert_eq!(pixel_at(4, 16), [0x0f, 0x40, 0xa1, 255]);
        assert_eq!(pixel_at(16, 10), [255; 4]);
    }
}
