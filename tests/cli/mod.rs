mod architecture;
mod readme;
